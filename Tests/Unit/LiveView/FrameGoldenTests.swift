import Kernel
import LiveView
import PortModel
import Terminal
import TestSupport
import Testing

@Suite("Frames")
struct FrameGoldenTests {
  @Test(
    "the overview at every size",
    arguments: [(80, 24), (120, 40), (40, 24), (100, 30), (60, 16), (80, 12), (40, 10), (24, 6), (200, 60)])
  func overview(columns: Int, rows: Int) throws {
    let frame = Frame(.busy(), TerminalSize(columns: columns, rows: rows), Look(colors: .all))
    try Golden.expect(frame.text, equals: "golden/top/overview-\(columns)x\(rows).txt")
  }

  @Test(
    "every screen", arguments: [("tuples", "2"), ("ports", "3"), ("owners", "4"), ("namespaces", "5"), ("help", "?"), ("filter", "/10.1")])
  func screens(name: String, keys: String) throws {
    let frame = Frame(LiveState.fleet.pressing(.character("n")).typing(keys), .assumed, Look(colors: .all))
    try Golden.expect(frame.text, equals: "golden/top/\(name).txt")
  }

  @Test("owners of the namespace that has them")
  func owners() throws {
    let frame = Frame(LiveState.fleet.typing("4"), .assumed, Look(colors: .all))
    try Golden.expect(frame.text, equals: "golden/top/owners-host.txt")
  }

  @Test("a wide terminal shows the owner of a namespace, and one that was not walked says so")
  func namespaces() throws {
    let wide = Frame(LiveState.fleet.typing("5"), TerminalSize(columns: 120, rows: 10), Look(colors: .all))
    try Golden.expect(wide.text, equals: "golden/top/namespaces-wide.txt")
    #expect(
      Frame(LiveState.fleet.typing("N"), .assumed, Look(colors: .all)).text.contains("4026532201: little used: 9 TCP and 3 UDP sockets"))
  }

  @Test("without colours the map has shades, and in ASCII nothing else")
  func looks() throws {
    let plain = Frame(.busy(), .assumed, Look(colors: .none))
    try Golden.expect(plain.text, equals: "golden/top/overview-no-color.txt")
    let ascii = Frame(.busy(), .assumed, Look(colors: .none, isASCII: true))
    try Golden.expect(ascii.text, equals: "golden/top/overview-ascii.txt")
    #expect(ascii.text.utf8.allSatisfy { $0 < 0x80 })
  }

  @Test("a host that does not answer keeps what it last said, and says why")
  func failure() throws {
    var state = LiveState.busy()
    state.receive(Sample(.failure(LiveFailure("http://web-17:10097: connection refused; is the exporter running there?")), at: 30))
    try Golden.expect(Frame(state, .assumed, Look(colors: .all)).text, equals: "golden/top/failure.txt")
    #expect(Frame(state, TerminalSize(columns: 60, rows: 4), Look(colors: .none)).text.contains("connection refused"))
  }
}
