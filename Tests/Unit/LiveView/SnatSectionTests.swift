import LiveView
import PortModel
import Terminal
import Testing

@Suite("Translated ports in the live view")
struct SnatSectionTests {
  private func text(_ state: LiveState, _ columns: Int, _ rows: Int) -> String {
    Frame(state, TerminalSize(columns: columns, rows: rows), Look(colors: .none)).text
  }

  @Test("the worst tuples are in the overview of a gateway, with the chance of failure", arguments: [80, 120, 200])
  func gateway(columns: Int) {
    let lines = text(.gateway, columns, 40).split(separator: "\n").map(String.init)
    #expect(lines.contains { $0.contains("TRANSLATED") && $0.contains("fails") })
    #expect(lines.contains { $0.contains("198.51.100.9:443") && $0.contains("100%") })
    #expect(lines.contains { $0.contains("198.51.100.10:443") && $0.contains("60") && $0.contains("0%") })
  }

  @Test("batch lines have them too, with the chance at the end")
  func batch() {
    let lines = BatchLines.lines(.gateway).filter { $0.contains(" snat ") }
    #expect(lines.contains { $0.contains("198.51.100.9:443") && $0.hasSuffix("fails 100%") }, "\(lines)")
    #expect(lines.contains { $0.contains("198.51.100.10:443") && $0.contains(" 60 ") && $0.hasSuffix("fails 0%") }, "\(lines)")
  }

  @Test("a host that translates nothing has no such section, and a small terminal has no room for it")
  func none() {
    #expect(!text(.busy(), 120, 40).contains("TRANSLATED"))
    #expect(!text(.gateway, 80, 12).contains("TRANSLATED"))
  }
}
