/// A listener on a port of the pool that is not reserved: an outgoing connection can take the port before the program restarts.
package struct PageListener: Sendable, Hashable {
  /// `tcp` or `udp`.
  package let transport: String
  /// The local address: `0.0.0.0`.
  package let address: String
  /// The port.
  package let port: Int

  /// A listener by its address.
  package init(transport: String, address: String, port: Int) {
    self.transport = transport
    self.address = address
    self.port = port
  }
}
