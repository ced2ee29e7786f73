/// The state of a socket as the kernel numbers it. UDP uses only ``established`` (connected) and ``close`` (unconnected).
///
/// Kernel: `include/net/tcp_states.h`. A state that a newer kernel may add is kept and counted as `unknown`, never refused.
package struct SocketState: RawRepresentable, Sendable, Hashable {
  package let rawValue: UInt8

  @inlinable package init(rawValue: UInt8) { self.rawValue = rawValue }

  /// Written out, since the one of `RawRepresentable` is a call for each socket.
  @inlinable package static func == (left: SocketState, right: SocketState) -> Bool { left.rawValue == right.rawValue }

  @inlinable package static var established: SocketState { SocketState(rawValue: 1) }
  @inlinable package static var synSent: SocketState { SocketState(rawValue: 2) }
  @inlinable package static var synReceived: SocketState { SocketState(rawValue: 3) }
  @inlinable package static var finWait1: SocketState { SocketState(rawValue: 4) }
  @inlinable package static var finWait2: SocketState { SocketState(rawValue: 5) }
  @inlinable package static var timeWait: SocketState { SocketState(rawValue: 6) }
  /// UDP: not connected. TCP: bound and neither listening nor connected, which only inet_diag shows.
  @inlinable package static var close: SocketState { SocketState(rawValue: 7) }
  @inlinable package static var closeWait: SocketState { SocketState(rawValue: 8) }
  @inlinable package static var lastACK: SocketState { SocketState(rawValue: 9) }
  @inlinable package static var listen: SocketState { SocketState(rawValue: 10) }
  @inlinable package static var closing: SocketState { SocketState(rawValue: 11) }
  @inlinable package static var newSynReceived: SocketState { SocketState(rawValue: 12) }
  /// The bit that asks inet_diag for bound-only sockets (Linux 6.8). They come back as ``close``.
  @inlinable package static var boundInactive: SocketState { SocketState(rawValue: 13) }

  /// Of TCP: both sides have said which options they use, and the socket still knows.
  @inlinable package var hasAgreedOptions: Bool { self == .established || self == .closeWait }

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
