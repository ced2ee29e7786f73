/// One of the fullest tuples (source address, destination address, destination port).
package struct PageTuple: Sendable, Hashable {
  /// TIME_WAIT ports that come back.
  package struct Returning: Sendable, Hashable {
    /// Within so many seconds.
    package let seconds: Int
    /// So many ports, those of shorter times included.
    package let ports: Int

    /// Ports that come back within a time.
    package init(seconds: Int, ports: Int) {
      self.seconds = seconds
      self.ports = ports
    }
  }

  /// The local address.
  package let source: String
  /// The remote address.
  package let destination: String
  /// The remote port.
  package let port: Int
  /// Ports in use.
  package let used: Int
  /// Ports a connect() can be given at all.
  package let capacity: Int
  /// Connects left.
  package let headroom: Int
  /// When ports in TIME_WAIT come back, shortest time first.
  package let returning: [Returning]

  /// A tuple by its numbers.
  package init(
    source: String, destination: String, port: Int, used: Int, capacity: Int, headroom: Int, returning: [Returning]
  ) {
    self.source = source
    self.destination = destination
    self.port = port
    self.used = used
    self.capacity = capacity
    self.headroom = headroom
    self.returning = returning
  }
}
