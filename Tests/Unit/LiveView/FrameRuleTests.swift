import Kernel
import LiveView
import PortModel
import Terminal
import Testing

@Suite("What holds for every frame")
struct FrameRuleTests {
  static let states: [(String, LiveState)] = [
    ("nothing seen yet", LiveState(subject: "web-17", interval: 2)),
    ("busy", .busy()), ("a fleet", .fleet), ("an exhausted namespace", LiveState.fleet.pressing(.character("n"))),
    ("without settings", LiveState.fleet.pressing(.character("N"))), ("tuples", LiveState.busy().typing("2")),
    ("ports", LiveState.busy().typing("3")), ("owners", LiveState.fleet.typing("4")), ("namespaces", LiveState.fleet.typing("5")),
    ("a gateway", .gateway), ("help", LiveState.busy().typing("?")), ("typing a filter", LiveState.busy().typing("/10.0 漢字漢字漢字")),
    ("hostile", hostile),
  ]

  /// A host whose names try to talk to the terminal, and are wider than they look.
  static var hostile: LiveState {
    var state = LiveState(subject: "evil\u{1B}]0;title\u{7}\u{9B}2J\u{202E}漢字漢字漢字漢字漢字漢字漢字漢字漢字", interval: 2)
    let name = "\u{1B}[31mred\r\n\u{2066}漢字e\u{301}🦊"
    let worst = TupleHeadroom(
      tuple: Tuple(source: .anyIPv6, destination: .loopbackIPv6, destinationPort: 65_535), used: 65_535, reusable: 0, headroom: 0,
      firstParityFree: 0, returning: [])
    let pressure = TCPPressure(
      usage: PortUsage(map: [PortUse](repeating: .client, count: 65_535)), blocked: 0,
      connect: ConnectHeadroom(
        capacity: 65_535, firstParityCapacity: 0, tupleCounts: [.ipv6: .max], tuples: [worst], worst: [.ipv6: worst]),
      bind: BindHeadroom(wildcard: 0, wildcardIPv6: 0, addresses: [], isComplete: true, other: 0, otherIPv6: 0), wrongParity: 0,
      listeners: [])
    func namespace(_ tcp: TCPPool?) -> NamespaceSnapshot {
      NamespaceSnapshot(
        name: name, range: PortRange(first: 1, last: 65_535), capacity: 65_535, tcp: tcp, udp: nil,
        visit: NamespaceVisit(
          id: nil, identity: NamespaceIdentity(name: name, pod: name, container: name, unit: name),
          totals: SocketTotals(tcp: .max, udp: .max, holders: .max), isWalked: tcp != nil),
        owners: [OwnerUsage(owner: name, usedPorts: 65_535)])
    }
    let snapshot = PoolSnapshot(
      time: 0, namespaces: [namespace(TCPPool(pressure)), namespace(nil)], census: nil, source: .proc, problems: [name], remarks: [name])
    state.receive(Sample(.success(snapshot), at: 0))
    state.receive(Sample(.success(snapshot), at: 2))
    return state
  }

  @Test("a frame has as many lines as the terminal, none wider, whatever the size", arguments: states.indices)
  func sizes(index: Int) {
    let (name, state) = Self.states[index]
    for columns in [1, 2, 8, 23, 27, 33, 40, 52, 63, 64, 80, 110, 250] {
      for rows in [1, 2, 3, 5, 7, 12, 24, 60] {
        for look in [Look(colors: .all), Look(colors: .none, isASCII: true)] {
          let frame = Frame(state, TerminalSize(columns: columns, rows: rows), look)
          #expect(frame.lines.count == rows, "\(name) at \(columns)x\(rows)")
          let widest = frame.lines.map(\.width).max() ?? 0
          #expect(widest <= columns, "\(name) at \(columns)x\(rows)")
          #expect(frame.lines.allSatisfy { line in TextWidth.columns(line.runs.map(\.text).joined()) == line.width })
        }
      }
    }
  }

  @Test("nothing that a host says reaches the terminal as a control character, or turns a line around")
  func controls() {
    for screen in ["1", "2", "3", "4", "5"] {
      let frame = Frame(Self.hostile.typing(screen), TerminalSize(columns: 100, rows: 40), Look(colors: .all))
      let text = frame.lines.flatMap(\.runs).map(\.text).joined()
      #expect(text.unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) && !$0.properties.isBidiControl })
      #expect(text.contains("evil\\x1b]0;title\\x07\\x9b2J\\u202e漢"))
    }
  }

  @Test("nor do batch lines")
  func batch() {
    let text = BatchLines.lines(Self.hostile).joined()
    #expect(text.unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) && !$0.properties.isBidiControl })
    #expect(text.contains("\\x1b[31mred\\x0d\\x0a\\u2066漢字"))
  }

  @Test("80 columns and 24 rows have every section, and the keys")
  func smallest() {
    let text = Frame(.busy(), .assumed, Look(colors: .sixteen)).text
    for word in ["POOL", "TUPLES", "PORTS", "10.0.0.5        → 10.0.0.9:5432", "quit", "left", "trend", "back 15s", "■ client 9,700"] {
      #expect(text.contains(word), "\(word)")
    }
  }
}
