import PortModel
import Scraper
import Testing

@Suite("Rows in any order")
struct RowOrderTests {
  /// Listeners of both families, what they accepted, a bound socket, clients, and TIME_WAIT.
  private static let table: [SocketLine] = [
    .listener("0.0.0.0", 40000),
    SocketLine(.established, "192.0.2.10", 40000, "203.0.113.1", 5000),
    .listener("::", 40001),
    SocketLine(.established, "192.0.2.10", 40001, "198.51.100.7", 443),
    SocketLine(.established, "192.0.2.10", 40002, "198.51.100.7", 443),
    SocketLine(.timeWait, "192.0.2.10", 40000, "198.51.100.7", 443, timeWaitRemaining: 20_000),
  ]

  @Test("every order of a small table gives the same pool")
  func permutations() throws {
    let tree = try ProcTree(tcp: Self.table)
    let expected = try #require(tree.snapshot().tcp)
    let connect = try #require(expected.pressure).connect
    #expect(connect.capacity == 98, "two ports have listeners")
    #expect(connect.tuples.map(\.used) == [1], "what is on a listener's port belongs to no tuple")
    let scraper = tree.scraper()
    for order in Self.table.permutations {
      try tree.write(tcpInOrder: order)
      let seen = scraper.snapshot().namespaces[0].tcp
      #expect(seen == expected, "\(order.map { "\($0.state.rawValue) \($0.local):\($0.localPort)" })")
    }
  }

  @Test("a listener in tcp6 takes its port from connections in tcp, and one in tcp from connections in tcp6")
  func acrossTables() throws {
    for (listener, client) in [("::", "192.0.2.10"), ("0.0.0.0", "2001:db8::5")] {
      let remote = client.contains(":") ? "2001:db8::9" : "198.51.100.7"
      let connections = SocketLine.connections(40000..<40010, from: client, to: remote)
      let tree = try ProcTree()
      try tree.write(tcpInOrder: connections + [.listener(listener, 40003)])
      let connect = try tree.tcp().connect
      #expect(connect.capacity == 99)
      #expect(connect.tuples.map(\.used) == [9])
      #expect(connect.tuples.map(\.headroom) == [90])
    }
  }

  @Test("a server whose connections come before its listener, as gVisor lists them, has no full tuple")
  func gVisor() throws {
    let inbound = (0..<500).map { SocketLine(.established, "192.0.2.10", 40050, "203.0.113.\(1 + $0 % 9)", Port(40000 + $0)) }
    let clients = SocketLine.connections(40000..<40020, to: "198.51.100.7", 5432)
    let tree = try ProcTree()
    try tree.write(tcpInOrder: inbound + clients + [.listener("0.0.0.0", 40050)])
    let pressure = try tree.tcp()
    #expect(pressure.connect.tupleCounts[.ipv4] == 1)
    #expect(pressure.connect.worst[.ipv4]?.headroom == 79)
    #expect(pressure.blocked == 1 && pressure.usage[.listener] == 1 && pressure.usage[.client] == 20)
  }

  @Test("a look between scrapes does not take a listener's connections for a tuple's either")
  func sample() throws {
    let tree = try ProcTree()
    try tree.write(
      tcpInOrder: SocketLine.connections(40000..<40040) + [SocketLine.listener("0.0.0.0", 40000), .listener("0.0.0.0", 40001)])
    try tree.write("net/sockstat", "sockets: used 1\nTCP: inuse 42 orphan 0 tw 0 alloc 42 mem 1\nUDP: inuse 0 mem 0\n")
    #expect(try tree.scraper().sample() == .walked(used: 38, capacity: 98))
  }
}

extension Array {
  /// Every order of the elements.
  fileprivate var permutations: [[Element]] {
    guard let first else { return [[]] }
    return Array(dropFirst()).permutations.flatMap { rest in
      (0...rest.count).map { place in Array(rest[..<place]) + [first] + Array(rest[place...]) }
    }
  }
}
