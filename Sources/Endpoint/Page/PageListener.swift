/// A listener on a port of the pool that is not reserved: an outgoing connection can take the port before the program restarts.
package struct PageListener: Sendable, Hashable {
  /// `tcp` or `udp`.
  package let transport: String
  /// The port.
  package let port: Int

  /// A listener by its port.
  package init(transport: String, port: Int) {
    self.transport = transport
    self.port = port
  }
}
