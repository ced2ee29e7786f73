/// What `connect()` looks a free port up for: a port may be used once for each tuple.
///
/// Kernel: `__inet_hash_connect` in `net/ipv4/inet_hashtables.c`.
package struct Tuple: Sendable, Hashable {
  package let source: IPAddress
  package let destination: IPAddress
  package let destinationPort: Port

  @inlinable
  package init(source: IPAddress, destination: IPAddress, destinationPort: Port) {
    self.source = source
    self.destination = destination
    self.destinationPort = destinationPort
  }

  /// Written out, so that other modules inline it.
  @inlinable
  package static func == (left: Tuple, right: Tuple) -> Bool {
    left.destination == right.destination && left.source == right.source && left.destinationPort == right.destinationPort
  }

  /// `10.0.0.5 → 10.0.0.9:5432`
  package var arrow: String { "\(source) → \(destination.description(port: destinationPort))" }
}
