import PortModel
import Testing

@Suite("The pools of a namespace, and how close each is to exhaustion")
struct PoolTests {
  /// A pool of 100 ports of which `blocked` can be given to no connect(), and a tuple that holds `held` of the rest.
  private static func namespace(blocked: Int, held: Int) -> NamespaceSnapshot {
    let capacity = 100 - blocked
    let tuple = TupleHeadroom(
      tuple: Tuple(source: .loopbackIPv4, destination: .loopbackIPv4, destinationPort: 8080), used: held, reusable: 0,
      headroom: capacity - held, firstParityFree: 0, returning: [0, 0, 0, 0])
    let connect = ConnectHeadroom(
      capacity: capacity, firstParityCapacity: 0, tupleCounts: [.ipv4: 1, .ipv6: 0], tuples: [tuple], worst: [.ipv4: tuple])
    let usage = PortUsage(counts: [.bound: blocked, .client: held])
    let bind = BindHeadroom(
      wildcard: 100 - blocked - held, wildcardIPv6: 100 - blocked - held, addresses: [], isComplete: true, other: 100, otherIPv6: 100)
    let pressure = TCPPressure(usage: usage, blocked: blocked, connect: connect, bind: bind, wrongParity: 0, listeners: [])
    return NamespaceSnapshot(
      name: "host", settings: PoolSettings(range: PortRange(first: 40_000, last: 40_099) ?? .linuxDefault),
      tcp: TCPPool(sockets: SocketCounts(), seesBoundOnly: true, pressure: pressure), udp: nil, outcomes: [])
  }

  @Test(
    "few ports left for anyone is critical, whatever took them",
    arguments: [
      (0, 10, PressureLevel.ok), (0, 49, .ok), (0, 50, .warning), (40, 10, .warning), (0, 79, .warning), (0, 80, .critical),
      (80, 0, .critical), (70, 29, .critical), (0, 100, .exhausted), (100, 0, .exhausted), (90, 10, .exhausted),
    ])
  func connect(blocked: Int, held: Int, level: PressureLevel) throws {
    let namespace = Self.namespace(blocked: blocked, held: held)
    let pool = try #require(namespace.pools.first { $0.id == .connectIPv4 })
    #expect(pool.level == level)
    #expect(pool.used == blocked + held && pool.headroom == 100 - blocked - held && pool.capacity == 100)
    let ipv6 = try #require(namespace.pools.first { $0.id == .connectIPv6 })
    #expect(ipv6.headroom == 100 - blocked && ipv6.worst == nil)
    let snapshot = PoolSnapshot(time: 0, namespaces: [namespace])
    #expect(snapshot.worstPool?.pool.headroom == 100 - blocked - held)
  }

  @Test(
    "a pool is uncertain from a tenth of it on, and says for which tuple and why",
    arguments: [(0, nil, false), (9, nil, false), (10, nil, true), (90, nil, true), (90, true, false), (90, false, false)]
      as [(Int, Bool?, Bool)])
  func uncertainty(reusable: Int, usesTimestamps: Bool?, expected: Bool) throws {
    let tuple = TupleHeadroom(
      tuple: Tuple(source: .loopbackIPv4, destination: .loopbackIPv4, destinationPort: 8080), used: 95, reusable: reusable,
      headroom: 5 + reusable, firstParityFree: 0, returning: [0, 0, 0, 0], usesTimestamps: usesTimestamps)
    let pool = Pool(.connectIPv4, capacity: 100, headroom: 5 + reusable, pessimistic: tuple)
    #expect(pool.isUncertain == expected && (pool.uncertainty != nil) == expected)
    #expect(pool.leastHeadroom == (usesTimestamps == nil ? 5 : 5 + reusable))
    #expect(pool.worstLevel == PressureLevel(headroom: pool.leastHeadroom, capacity: 100))
    #expect(pool.uncertainty?.hasPrefix("Perhaps only 5 are left, for 127.0.0.1 → 127.0.0.1:8080: ") != false)
  }

  @Test(
    "one rule for pools of any size", arguments: [1, 10, 100, 28_232])
  func sizes(capacity: Int) {
    for headroom in 0...capacity {
      let level = PressureLevel(headroom: headroom, capacity: capacity)
      let used = capacity - headroom
      let expected: PressureLevel =
        headroom == 0 ? .exhausted : used * 100 >= capacity * 80 ? .critical : used * 100 >= capacity * 50 ? .warning : .ok
      #expect(level == expected, "\(headroom) of \(capacity)")
    }
    #expect(PressureLevel(headroom: 0, capacity: 0) == .exhausted)
    #expect(PressureLevel(headroom: -5, capacity: capacity) == .exhausted)
  }
}
