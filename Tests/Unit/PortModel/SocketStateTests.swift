import PortModel
import Testing

@Suite("Socket states")
struct SocketStateTests {
  @Test(
    "a TCP state has the kernel's number and a lower-case name",
    arguments: [
      (1, "established"), (2, "syn_sent"), (3, "syn_recv"), (4, "fin_wait1"), (5, "fin_wait2"), (6, "time_wait"), (7, "bound"),
      (8, "close_wait"), (9, "last_ack"), (10, "listen"), (11, "closing"), (12, "syn_recv"), (13, "bound"),
    ] as [(UInt8, String)])
  func tcp(number: UInt8, name: String) {
    #expect(SocketState(rawValue: number).name(.tcp) == name)
  }

  @Test("a UDP socket is established, unconnected or unknown")
  func udp() {
    #expect((UInt8(0)...20).map { SocketState(rawValue: $0).name(.udp) }.filter { $0 != "unknown" } == ["established", "unconnected"])
    #expect(SocketState.established.name(.udp) == "established")
    #expect(SocketState.close.name(.udp) == "unconnected")
  }

  @Test("a state of a newer kernel is unknown, not refused", arguments: [0, 14, 15, 16, 255] as [UInt8])
  func unknown(number: UInt8) {
    #expect(SocketState(rawValue: number).name(.tcp) == "unknown")
  }

  @Test("the constants are those of tcp_states.h")
  func constants() {
    let states: [SocketState] = [
      .established, .synSent, .synReceived, .finWait1, .finWait2, .timeWait, .close, .closeWait, .lastACK, .listen, .closing,
      .newSynReceived, .boundInactive,
    ]
    #expect(states.map(\.rawValue) == Array(1...13))
  }

  @Test("label values of uses and transports are those of the metrics")
  func otherNames() {
    #expect(PortUse.held.map(\.name) == ["listener", "bound", "local", "client", "closing"])
    #expect(TransportProtocol.allCases.map(\.name) == ["tcp", "udp"])
  }
}
