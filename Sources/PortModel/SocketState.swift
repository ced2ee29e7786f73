/// The state of a socket as the kernel numbers it. UDP uses only ``established`` (connected) and ``close`` (unconnected).
///
/// Kernel: `include/net/tcp_states.h`. A state that a newer kernel may add is kept and counted as `unknown`, never refused.
package struct SocketState: RawRepresentable, Sendable, Hashable {
  package let rawValue: UInt8

  @inlinable package init(rawValue: UInt8) { self.rawValue = rawValue }

  package static let established = SocketState(rawValue: 1)
  package static let synSent = SocketState(rawValue: 2)
  package static let synReceived = SocketState(rawValue: 3)
  package static let finWait1 = SocketState(rawValue: 4)
  package static let finWait2 = SocketState(rawValue: 5)
  package static let timeWait = SocketState(rawValue: 6)
  /// UDP: not connected. TCP: bound and neither listening nor connected, which only inet_diag shows.
  package static let close = SocketState(rawValue: 7)
  package static let closeWait = SocketState(rawValue: 8)
  package static let lastACK = SocketState(rawValue: 9)
  package static let listen = SocketState(rawValue: 10)
  package static let closing = SocketState(rawValue: 11)
  package static let newSynReceived = SocketState(rawValue: 12)
  /// The bit that asks inet_diag for bound-only sockets (Linux 6.8). They come back as ``close``.
  package static let boundInactive = SocketState(rawValue: 13)

  /// The label value: `time_wait`; `bound` for a TCP socket and `unconnected` for a UDP socket in ``close``; `unknown` for what has no name.
  package func name(_ transport: TransportProtocol) -> String {
    switch (transport, self) {
    case (_, .established): "established"
    case (.udp, .close): "unconnected"
    case (.udp, _): "unknown"
    case (.tcp, .synSent): "syn_sent"
    case (.tcp, .synReceived), (.tcp, .newSynReceived): "syn_recv"
    case (.tcp, .finWait1): "fin_wait1"
    case (.tcp, .finWait2): "fin_wait2"
    case (.tcp, .timeWait): "time_wait"
    case (.tcp, .close), (.tcp, .boundInactive): "bound"
    case (.tcp, .closeWait): "close_wait"
    case (.tcp, .lastACK): "last_ack"
    case (.tcp, .listen): "listen"
    case (.tcp, .closing): "closing"
    case (.tcp, _): "unknown"
    }
  }
}
