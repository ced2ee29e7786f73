/// How long the kernel searched for a free port, each time that it was to choose one, since somebody times it. `connect()` first tries the ports of one
/// parity: once those are gone for a destination, each further search goes through all of them in vain, and takes hundreds of times as long.
///
/// Of all namespaces of the host together, and kept with the one that the exporter runs in.
package struct PortSearches: CollectedValue {
  /// What the port was for: one series each.
  package enum Kind: String, Sendable, Hashable, CaseIterable {
    /// `connect()` of a TCP socket without a port.
    case connect
    /// `bind()` to port 0, or `listen()` without `bind()`, of a TCP socket.
    case bind
    /// `bind()` to port 0, or `connect()` and sending without `bind()`, of a UDP socket.
    case udp
  }

  /// The searches of one kind.
  package struct Times: Sendable, Hashable {
    /// How many took so long, for each bucket alone: one more than there are bounds.
    package let bucketCounts: [UInt64]
    /// All of them together, in seconds.
    package let sum: Double

    package init(bucketCounts: [UInt64], sum: Double) {
      self.bucketCounts = bucketCounts
      self.sum = sum
    }

    package var count: UInt64 { bucketCounts.reduce(0, &+) }
  }

  /// The buckets' inclusive upper bounds in seconds.
  package let upperBounds: [Double]
  package let times: [Kind: Times]

  package init(upperBounds: [Double], times: [Kind: Times]) {
    self.upperBounds = upperBounds
    self.times = times
  }
}
