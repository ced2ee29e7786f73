import PortModel
import StatusPage
import TestSupport

extension StatusPage {
  /// A page with the same surroundings in every test.
  init(
    _ snapshot: PoolSnapshot, warnings: [Warning] = [], help: [String: Help] = [:], time: String = "2026-01-02T03:04:05Z",
    refreshSeconds: Int = 15
  ) {
    self.init(
      snapshot, host: "db-7.example", version: "0.1.0 (4f2a91c)", time: time, warnings: warnings, help: help,
      links: Links(metrics: "./metrics", snapshot: "./api/v1/snapshot"), refreshSeconds: refreshSeconds)
  }

  /// The document as text.
  var text: String { String(decoding: html(), as: UTF8.self) }
}

extension PortRange {
  static func ports(_ first: Int, count: Int) -> PortRange {
    PortRange(first: Port(first), last: Port(first + count - 1)) ?? .linuxDefault
  }
}

extension NamespaceSnapshot {
  /// A namespace with these pools and settings of its own.
  init(
    _ name: String = "host", range: PortRange = .linuxDefault, reserved: PortSet = PortSet(), tcp: TCPPressure? = nil,
    udp: UDPPressure? = nil,
    problem: String? = nil
  ) {
    self.init(
      name: name, settings: PoolSettings(range: range, reserved: reserved),
      tcp: tcp.map { TCPPool(sockets: SocketCounts(), seesBoundOnly: true, pressure: $0) },
      udp: udp.map { UDPPool(sockets: SocketCounts(), pressure: $0) },
      outcomes: [CollectorOutcome(collector: .tcp, source: .netlink, duration: 0.01, problem: problem)])
  }
}

extension TCPPressure {
  /// Everything that the page shows of TCP; each wildcard can still bind `left` ports.
  init(map: [PortUse], tuples: [TupleHeadroom] = [], capacity: Int, left: Int, listeners: PortSet = PortSet()) {
    let worst = Dictionary(tuples.map { ($0.family, $0) }) { $0.headroom < $1.headroom ? $0 : $1 }
    self.init(
      usage: PortUsage(map: map), blocked: 7,
      connect: ConnectHeadroom(
        capacity: capacity, firstParityCapacity: capacity / 2, tupleCounts: [:], tuples: tuples, worst: worst),
      bind: BindHeadroom(wildcard: left, wildcardIPv6: left, addresses: [], isComplete: true, other: left, otherIPv6: left),
      wrongParity: 3, listeners: listeners)
  }
}

extension PoolSnapshot {
  init(_ namespaces: NamespaceSnapshot...) { self.init(time: 1_767_323_045, namespaces: namespaces) }

  /// One UDP pool of `capacity` ports of which `left` can still be had.
  static func udp(left: Int, of capacity: Int) -> PoolSnapshot {
    PoolSnapshot(
      NamespaceSnapshot(
        range: .ports(40000, count: capacity),
        udp: UDPPressure(usage: PortUsage(counts: [.bound: capacity - left]), headroom: left, headroomIPv6: left, listeners: nil)))
  }

  /// A host under pressure: a destination that has used up the first parity, TIME_WAIT, listeners, reserved ports.
  static func busy(first: Int = 32768, count: Int = 28_232) -> PoolSnapshot {
    var random = SplitMix64(seed: 7)
    func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &random) }
    var uses = [PortUse](repeating: .free, count: count)
    for index in 0..<count where (first + index) % 2 == 0 { uses[index] = below(10) < 8 ? .client : (below(3) == 0 ? .closing : .free) }
    for _ in 0..<900 { uses[below(count)] = .closing }
    for _ in 0..<300 { uses[below(count)] = .local }
    for index in 5000..<5120 { uses[index] = .reserved }
    for index in stride(from: 7300, to: 7320, by: 3) { uses[index] = .listener }
    for _ in 0..<40 { uses[below(count)] = .bound }
    var quiet = [PortUse](repeating: .free, count: count)
    for _ in 0..<60 { quiet[below(count)] = .bound }
    let range = PortRange.ports(first, count: count)
    var reserved = PortSet()
    reserved.insert(.ports(first + 5000, count: 120))
    let tuples = [
      tuple("2001:db8::5", "2001:db8::9", 443, used: 25_002, left: 3103), tuple("10.0.0.5", "10.0.0.9", 5432, used: 12_844, left: 15_261),
      tuple("10.0.0.5", "10.0.0.11", 6379, used: 310, left: 27_795),
    ]
    return PoolSnapshot(
      NamespaceSnapshot(
        range: range, reserved: reserved,
        tcp: TCPPressure(map: uses, tuples: tuples, capacity: 28_105, left: 13_692, listeners: [Port(first + 7300), Port(first + 7303)]),
        udp: UDPPressure(usage: PortUsage(map: quiet), headroom: 28_052, headroomIPv6: 28_052, listeners: nil),
        problem: "UDP sockets over IPv6 could not be read: permission denied."))
  }

  private static func tuple(_ source: String, _ destination: String, _ port: Port, used: Int, left: Int) -> TupleHeadroom {
    TupleHeadroom(
      tuple: Tuple(
        source: IPAddress(source) ?? .anyIPv4, destination: IPAddress(destination) ?? .anyIPv4, destinationPort: port), used: used,
      reusable: 0, headroom: left, firstParityFree: 0, returning: TupleHeadroom.returnTimes.map { $0 * 31 })
  }
}
