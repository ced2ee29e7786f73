/// What holds a port of the pool: one cell of the picture on the page.
package enum PortKind: UInt8, Sendable, Hashable, CaseIterable {
  /// Nothing: the kernel can give it out.
  case free = 0
  /// An outgoing connection.
  case client = 1
  /// A connection with both ends on this host.
  case local = 2
  /// A listener.
  case listener = 3
  /// A socket that is bound and idle, or bound explicitly.
  case bound = 4
  /// Only sockets without an owner, such as TIME_WAIT.
  case closing = 5
  /// In `net.ipv4.ip_local_reserved_ports`: the kernel does not give it out.
  case reserved = 6
}
