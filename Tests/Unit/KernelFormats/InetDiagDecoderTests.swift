import KernelFormats
import PortModel
import Testing

@Suite("Sockets in inet_diag")
struct InetDiagDecoderTests {
  /// A message of the kernel: one TCP connection in this state, whose timer runs out in so many milliseconds.
  private func answer(state: UInt8, timer: UInt8, expires: UInt16) -> [UInt8] {
    var body = [UInt8](repeating: 0, count: 72)
    body[0...2] = [2, state, timer]
    body[52...53] = [UInt8(expires & 0xFF), UInt8(expires >> 8)]
    return [88, 0, 0, 0, 18, 0, 2, 0, 1, 0, 0, 0, 0, 0, 0, 0] + body
  }

  @Test(
    "a time is left in TIME_WAIT, and in FIN_WAIT2 where no program holds it any more",
    arguments: [
      (6, 3, 59_900), (5, 3, 59_900), (5, 2, 0), (5, 0, 0),
      // No kernel writes these.
      (0, 3, 0), (1, 3, 0), (6, 0, 0), (12, 3, 0),
    ] as [(UInt8, UInt8, UInt32)])
  func timeWait(state: UInt8, timer: UInt8, milliseconds: UInt32) throws {
    var decoder = InetDiagDecoder(InetDiagRequest(.tcp), sequence: 1)
    var records: [SocketRecord] = []
    #expect(try decoder.decode(answer(state: state, timer: timer, expires: 59_900).span) { records.append($0) } == .more)
    #expect(records.map(\.timeWaitRemaining) == [milliseconds])
    #expect(records.map(\.state.rawValue) == [state])
  }
}
