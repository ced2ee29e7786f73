import LiveView
import PortModel
import Terminal
import Testing

@Suite("Refused ports in the live view")
struct RefusalSectionTests {
  private static let state = state(missed: 0)

  private static func state(missed: UInt64?) -> LiveState {
    let snapshot = PoolSnapshot.busy()
    let own = snapshot.namespaces[0]
    let tuple = Tuple(source: IPAddress(ipv4: 0xC000_0207), destination: IPAddress(ipv4: 0xC633_6409), destinationPort: 443)
    let refusals = Refusals(
      namespaces: [.init(name: own.name, counts: .init([.connect: 1200]), last: snapshot.time)],
      cases: [
        .init(namespace: own.name, kind: .connect, tuple: tuple, program: "curl", count: 1200, last: snapshot.time - 40),
        .init(namespace: "blue", kind: .udp, tuple: tuple.withoutPeer, program: "dig", count: 3, last: snapshot.time - 4000),
      ], missed: missed)
    var state = LiveState(subject: "web-17", interval: 2)
    state.receive(Sample(.success(PoolSnapshot(time: snapshot.time, namespaces: [own.adding(refusals)])), at: 0))
    return state
  }

  private func text(_ state: LiveState, _ columns: Int, _ rows: Int) -> String {
    Frame(state, TerminalSize(columns: columns, rows: rows), Look(colors: .none)).text
  }

  @Test("what was refused is in the overview, with program, number and age", arguments: [80, 120, 200])
  func refused(columns: Int) {
    let lines = text(Self.state, columns, 40).split(separator: "\n").map(String.init)
    #expect(lines.contains { $0.contains("REFUSED") && $0.contains("ago") })
    let first = lines.first { $0.contains("192.0.2.7 → 198.51.100.9:443") && $0.contains("1,200") }
    #expect(first?.contains("curl") == true && first?.contains("40 s") == true)
    #expect(lines.contains { $0.contains("blue: UDP from 192.0.2.7") && $0.contains("dig") && $0.contains("1 h 7 min") })
  }

  @Test("numbers that are lower bounds are said to be")
  func bound() {
    func header(_ missed: UInt64?) -> String? {
      text(Self.state(missed: missed), 80, 40).split(separator: "\n").map(String.init).first { $0.contains("REFUSED") }
    }
    #expect(header(312)?.hasPrefix(" REFUSED (at least) ") == true)
    #expect(header(0)?.contains("at least") == false && header(nil)?.contains("at least") == false)
  }

  @Test("batch lines have it too")
  func batch() {
    let lines = BatchLines.lines(Self.state).filter { $0.contains(" refused ") }
    #expect(lines.count == 2 && lines[0].contains(" 1200 ") && lines[0].hasSuffix("192.0.2.7 → 198.51.100.9:443 by curl"), "\(lines)")
  }

  @Test("while nothing is refused there is no such section")
  func none() {
    #expect(!text(.busy(), 120, 40).contains("REFUSED"))
  }
}
