import PortModel

extension PoolSnapshot {
  /// A web server on its second day: one destination a third full and growing, the rest idle.
  ///
  /// - Parameter step: how many intervals of two seconds have passed; the hot tuple grows by 24 ports in each.
  static func busy(step: Int = 0) -> PoolSnapshot {
    let hot = 9_612 + 24 * step
    let worst = tuple("10.0.0.5", "10.0.0.9", 5432, hot, [12, 40, 95, 230])
    let tuples = [
      worst,
      tuple("10.0.0.5", "10.0.0.10", 6379, 180 - step, [0, 0, 0, 0]),
      tuple("127.0.0.1", "127.0.0.1", 9000, 41, [4, 9, 15, 30], reusable: 12),
      tuple("192.168.100.200", "192.168.100.201", 65_535, 5, [0, 0, 0, 0]),
      tuple("2001:db8::5", "2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff", 443, 2, [0, 0, 0, 0]),
    ]
    let tcp = TCPPressure(
      usage: usage([.client: 9_700, .local: 60, .listener: 1, .closing: 81]), blocked: 1,
      connect: ConnectHeadroom(
        capacity: 28_231, firstParityCapacity: 14_116, tupleCounts: [.ipv4: 1_200, .ipv6: 4], tuples: tuples,
        worst: [.ipv4: worst, .ipv6: tuple("2001:db8::5", "2001:db8::9", 443, 2, [0, 0, 0, 0])]),
      bind: BindHeadroom(
        wildcard: 28_002 - hot, wildcardIPv6: 28_000 - hot, addresses: [], isComplete: true, other: 28_231, otherIPv6: 28_231),
      wrongParity: 0, listeners: [33_068])
    let udp = UDPPressure(usage: usage([.bound: 3]), headroom: 28_229, headroomIPv6: 28_232, listeners: nil)
    return PoolSnapshot(
      time: 1_767_324_604 + Int64(2 * step),
      namespaces: [
        NamespaceSnapshot(
          name: "host", settings: PoolSettings(range: .linuxDefault), tcp: TCPPool(tcp),
          udp: UDPPool(sockets: SocketCounts(), pressure: udp),
          outcomes: [CollectorOutcome(collector: .tcp, source: .proc, duration: 0)])
      ])
  }

  /// Four namespaces: one with owners, one nearly exhausted, and one that was not walked.
  static let fleet = PoolSnapshot(
    time: 1_767_324_604,
    namespaces: [
      NamespaceSnapshot(
        name: "host", settings: PoolSettings(range: .linuxDefault), tcp: TCPPool(pressure(held: 40, of: 28_232)), udp: nil,
        outcomes: [
          CollectorOutcome(
            collector: .namespaces, source: .netlink, duration: 0,
            remark: "/proc/812/ns/net: open: Permission denied; run as root to look into every namespace")
        ],
        owners: [
          OwnerUsage(owner: "/system.slice/nginx.service", usedPorts: 31),
          OwnerUsage(owner: "/user.slice/user-1000.slice/session-4.scope", usedPorts: 7),
          OwnerUsage(owner: OwnerUsage.none, usedPorts: 2),
        ]),
      NamespaceSnapshot(
        name: "blue", settings: PortRange(first: 40_000, last: 40_099).map { PoolSettings(range: $0) },
        tcp: TCPPool(
          pressure(
            held: 97, of: 100, tuple("10.1.0.2", "10.1.0.3", 80, 97, [0, 1, 2, 3], of: 100),
            PortUsage(map: (0..<100).map { $0 < 97 ? .client : .free }))),
        udp: UDPPool(
          sockets: SocketCounts(),
          pressure: UDPPressure(usage: PortUsage(counts: [.bound: 10]), headroom: 90, headroomIPv6: 90, listeners: nil)),
        outcomes: [], visit: visit(NamespaceIdentity(pod: "7f3a", unit: "nginx.service"))),
      NamespaceSnapshot(
        name: "green", settings: PoolSettings(range: .linuxDefault), tcp: TCPPool(pressure(held: 14_200, of: 28_232)), udp: nil,
        outcomes: [],
        visit: visit(NamespaceIdentity(container: "4f1c"))),
      NamespaceSnapshot(
        name: "4026532201", settings: nil, tcp: nil, udp: nil, outcomes: [], visit: visit(NamespaceIdentity(), isWalked: false)),
    ])

  private static func visit(_ identity: NamespaceIdentity, isWalked: Bool = true) -> NamespaceVisit {
    NamespaceVisit(
      id: NetworkNamespaceID(rawValue: 4_026_532_201), identity: identity, totals: SocketTotals(tcp: 9, udp: 3, holders: 12),
      isWalked: isWalked)
  }

  /// A pool with one tuple, which is all that uses it.
  private static func pressure(held: Int, of capacity: Int, _ worst: TupleHeadroom? = nil, _ usage: PortUsage? = nil) -> TCPPressure {
    let worst = worst ?? tuple("10.2.0.2", "10.2.0.3", 80, held, [0, 0, 0, 0], of: capacity)
    return TCPPressure(
      usage: usage ?? PortUsage(counts: [.client: held]), blocked: 0,
      connect: ConnectHeadroom(
        capacity: capacity, firstParityCapacity: capacity / 2, tupleCounts: [.ipv4: 1], tuples: [worst], worst: [.ipv4: worst]),
      bind: BindHeadroom(
        wildcard: capacity - held, wildcardIPv6: capacity - held, addresses: [], isComplete: true, other: capacity, otherIPv6: capacity),
      wrongParity: 0, listeners: [])
  }

  private static func tuple(
    _ source: String, _ destination: String, _ port: Port, _ used: Int, _ returning: [Int], reusable: Int = 0, of capacity: Int = 28_231
  ) -> TupleHeadroom {
    TupleHeadroom(
      tuple: Tuple(source: IPAddress(source) ?? .anyIPv4, destination: IPAddress(destination) ?? .anyIPv4, destinationPort: port),
      used: used,
      reusable: reusable, headroom: capacity - used + reusable, firstParityFree: 0, returning: returning)
  }

  /// A map that holds what `uses` says, each use in a stretch of its own, as the kernel gives ports: every second one first.
  private static func usage(_ uses: [PortUse: Int]) -> PortUsage {
    var map = [PortUse](repeating: .free, count: PortRange.linuxDefault.count)
    let starts: [PortUse: Int] = [.listener: 300, .bound: 9_000, .local: 20_000, .client: 4_000, .closing: 25_000]
    for (use, count) in uses.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
      var place = starts[use] ?? 0
      for number in 0..<count {
        // The second parity, when a stretch of it is used up.
        if number == 4_000 { place = (starts[use] ?? 0) + 1 }
        while map[place] != .free { place += 2 }
        map[place] = use
      }
    }
    return PortUsage(map: map)
  }
}

extension TCPPool {
  init(_ pressure: TCPPressure) { self.init(sockets: SocketCounts(), seesBoundOnly: false, pressure: pressure) }
}
