import Kernel
import LiveView
import PortModel
import Terminal
import Testing

@Suite("What keys do")
struct LiveStateTests {
  /// The destinations that the tuple screen lists, from the top.
  private func listed(_ state: LiveState) -> [Substring] {
    let lines = Frame(state, TerminalSize(columns: 40, rows: 20), Look(colors: .none)).text.split(
      separator: "\n", omittingEmptySubsequences: false)
    return lines.dropFirst(3).prefix { !$0.isEmpty }.compactMap { $0.split(separator: " ").first }
  }

  @Test("s goes through the columns, and S turns the order round")
  func sorting() {
    let state = LiveState.busy().typing("2")
    let addresses = ["10.0.0.9:5432", "10.0.0.10:6379", "127.0.0.1:9000", "192.168.100.201:65535"]
    #expect(listed(state).prefix(4) == addresses.map { $0[...] }[...])
    #expect(listed(state.typing("S")).last == "10.0.0.9:5432")
    #expect(listed(state.typing("s")).last == "10.0.0.10:6379", "the one that shrinks is last by rate")
    #expect(listed(state.typing("ss")).prefix(2) == ["10.0.0.9:5432", "127.0.0.1:9000"], "by what TIME_WAIT returns")
    #expect(listed(state.typing("sss")).first == "10.0.0.10:6379", "by name")
    #expect(listed(state.typing("ssss")) == listed(state), "round again")
  }

  @Test("a filter narrows the list while it is typed, and escape takes it away")
  func filtering() {
    let state = LiveState.busy().typing("2/10.0.0.5 6379")
    #expect(state.isEditingFilter)
    #expect(listed(state) == ["10.0.0.10:6379"])
    let kept = state.pressing(.enter)
    #expect(!kept.isEditingFilter)
    #expect(listed(kept) == ["10.0.0.10:6379"])
    #expect(listed(kept.pressing(.escape)).count == 5)
    #expect(state.pressing(.backspace, .backspace, .backspace, .backspace).filter == "10.0.0.5 ")
    #expect(state.pressing(.control("W")).filter == "10.0.0.5")
    #expect(state.pressing(.control("U")).filter == "")
    #expect(LiveState.busy().typing("/q").filter == "q", "q is a letter here")
    #expect(Frame(LiveState.busy().typing("2/zzz"), .assumed, Look(colors: .none)).text.contains("Nothing matches the filter"))
  }

  @Test("while paused nothing that is shown changes, and going on looks at once")
  func pausing() {
    var state = LiveState.busy()
    #expect(state.press(.character("p")) == .none)
    let before = Frame(state, .assumed, Look(colors: .none))
    #expect(before.text.contains("paused"))
    state.receive(Sample(.success(.busy(step: 99)), at: 500))
    #expect(Frame(state, .assumed, Look(colors: .none)) == before)
    #expect(state.press(.character("r")) == .none)
    #expect(state.press(.character(" ")) == .look)
    state.receive(Sample(.success(.busy(step: 100)), at: 502))
    #expect(Frame(state, .assumed, Look(colors: .none)).text.contains("12,012"))
  }

  @Test("tab goes round the pools, and the port map follows the transport")
  func pools() {
    var state = LiveState.busy()
    var chosen: [String] = []
    for _ in 0..<7 {
      let lines = Frame(state, .assumed, Look(colors: .none)).text.split(separator: "\n")
      chosen.append(lines.first { $0.hasPrefix("▸") }.map { String($0.dropFirst(2).prefix(19)) } ?? "")
      #expect(lines.contains { $0.contains(chosen.last?.hasPrefix("UDP") == true ? "PORTS UDP" : "PORTS TCP") })
      _ = state.press(.tab)
    }
    #expect(Set(chosen).count == 6)
    #expect(chosen.first == chosen.last)
    let back = Frame(LiveState.busy().pressing(.backTab), .assumed, Look(colors: .none)).text
    #expect(back.contains("▸ UDP over IPv6"))
  }

  @Test("n goes round the namespaces; a chosen one that goes is left for the first")
  func namespaces() {
    var state = LiveState.fleet
    func title() -> String { String(Frame(state, .assumed, Look(colors: .none)).text.prefix { $0 != "\n" }) }
    #expect(title().contains("host"))
    _ = state.press(.character("n"))
    _ = state.press(.character("n"))
    #expect(title().contains("green"), "the fullest first")
    state = .fleet
    _ = state.press(.character("n"))
    #expect(title().contains("blue · ports 40000–40099"))
    state.receive(Sample(.success(.busy()), at: 10))
    #expect(title().contains("ports 32768–60999"))
    state.receive(Sample(.success(.fleet), at: 12))
    #expect(title().contains("blue"), "and taken again when it is back")
  }

  @Test("a screen is there only when there is something to show")
  func screens() {
    #expect(LiveState.busy().typing("4").screen == .overview)
    #expect(LiveState.fleet.typing("4").screen == .owners)
    #expect(LiveState.busy().pressing(.right, .right, .right).screen == .overview)
    #expect(LiveState.fleet.pressing(.left).screen == .namespaces)
    #expect(LiveState.fleet.typing("5").pressing(.escape).screen == .overview)
  }

  @Test("lists scroll, and stop at their ends")
  func scrolling() {
    let state = LiveState.busy().typing("2")
    #expect(state.pressing(.down, .down).offset == 2)
    #expect(state.pressing(.up).offset == 0)
    #expect(state.pressing(.pageDown).offset == 4)
    #expect(state.typing("Gg").offset == 0)
    let frame = Frame(state.pressing(.end), TerminalSize(columns: 80, rows: 6), Look(colors: .none)).text
    #expect(frame.contains("ffff]:443") && frame.contains("4–5 of 1,204"))
  }

  @Test("help closes with any key, and q quits from everywhere but the filter")
  func helpAndQuit() {
    var state = LiveState.busy()
    #expect(state.press(.character("q")) == .quit)
    _ = state.press(.character("?"))
    #expect(state.showsHelp)
    #expect(state.press(.character("p")) == .none)
    #expect(!state.showsHelp && !state.isPaused)
    #expect(state.typing("?").pressing(.escape).showsHelp == false)
    #expect(state.press(.control("L")) == .redraw)
  }

  @Test("an error is shown until a look succeeds again")
  func recovery() {
    var state = LiveState.busy()
    state.receive(Sample(.failure(LiveFailure("http://h:1: connection refused")), at: 30))
    #expect(state.failure != nil)
    let frame = Frame(state, .assumed, Look(colors: .none)).text
    #expect(frame.contains("! http://h:1: connection refused") && frame.contains("stale") && frame.contains("10.0.0.9:5432"))
    state.receive(Sample(.success(.busy(step: 20)), at: 40))
    #expect(state.failure == nil)
    #expect(!Frame(state, .assumed, Look(colors: .none)).text.contains("refused"))
  }

  @Test("a full pool of another namespace is told of, with its name")
  func otherVerdict() {
    let message = Frame(.fleet, TerminalSize(columns: 120, rows: 24), Look(colors: .none)).text.split(separator: "\n")[1]
    #expect(message == " blue: connect() over IPv4 is 97% used: 3 left before EADDRNOTAVAIL.")
  }

  @Test("a full pool tells the error, and when")
  func verdict() {
    var state = LiveState(subject: "h", interval: 2)
    for step in [400, 410] { state.receive(Sample(.success(.busy(step: step)), at: Double(step))) }
    let message = Frame(state, TerminalSize(columns: 120, rows: 24), Look(colors: .none)).text.split(separator: "\n")[1]
    #expect(message == " bind() to [::] is 70% used: 8,548 left before EADDRINUSE, in 6 min at this rate.")
  }
}
