internal import PortModel

/// Which pool ports of one transport are held, and by what.
struct PortLedger: ~Copyable, Sendable {
  /// Ports with any socket.
  var used = PortSet()
  /// Ports with a socket that an IPv4 socket would meet: every one that is not IPv6-only. Without TCP connections over IPv6.
  var meetingIPv4 = PortSet()
  var listener = PortSet()
  var bound = PortSet()
  var local = PortSet()
  var client = PortSet()

  mutating func removeAll() {
    used.removeAll()
    meetingIPv4.removeAll()
    listener.removeAll()
    bound.removeAll()
    local.removeAll()
    client.removeAll()
  }

  /// What holds `port`; `nil` when nothing does.
  func use(of port: Port) -> PortUse? {
    guard used.contains(port) else { return nil }
    if listener.contains(port) { return .listener }
    if bound.contains(port) { return .bound }
    if local.contains(port) { return .local }
    return client.contains(port) ? .client : .closing
  }
}
