import LiveView
import PortModel
import Scraper

extension LiveSnapshot {
  /// A web server on its second day: one destination a third full and growing, the rest calm.
  ///
  /// - Parameter step: how many intervals of two seconds have passed; the hot tuple grows by 24 ports in each.
  static func busy(step: Int = 0) -> LiveSnapshot {
    let hot = 9_612 + 24 * step
    return LiveSnapshot(
      time: 1_767_324_604 + Int64(2 * step), source: "proc",
      namespaces: [
        LiveNamespace(
          name: "host", range: .linuxDefault, capacity: 28_232,
          pools: [
            LivePool(
              .connectIPv4, used: hot, capacity: 28_231, headroom: 28_231 - hot, subject: "10.0.0.5 → 10.0.0.9:5432"),
            LivePool(.connectIPv6, used: 2, capacity: 28_231, headroom: 28_229, subject: "2001:db8::5 → [2001:db8::9]:443"),
            LivePool(.bindIPv4, used: hot + 230, capacity: 28_232, headroom: 28_002 - hot),
            LivePool(.bindIPv6, used: hot + 232, capacity: 28_232, headroom: 28_000 - hot),
            LivePool(.udpIPv4, used: 3, capacity: 28_232, headroom: 28_229),
            LivePool(.udpIPv6, used: 0, capacity: 28_232, headroom: 28_232),
          ],
          connectCapacity: 28_231,
          tuples: [
            tuple("10.0.0.5", "10.0.0.9:5432", hot, [12, 40, 95, 230]),
            tuple("10.0.0.5", "10.0.0.10:6379", 180 - step, [0, 0, 0, 0]),
            tuple("127.0.0.1", "127.0.0.1:9000", 41, [4, 9, 15, 30], reusable: 12),
            tuple("192.168.100.200", "192.168.100.201:65535", 5, [0, 0, 0, 0]),
            tuple("2001:db8::5", "[2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff]:443", 2, [0, 0, 0, 0]),
          ],
          tupleCount: 1_204,
          usages: [
            usage(.tcp, [.client: 9_700, .local: 60, .listener: 1, .closing: 81]),
            usage(.udp, [.bound: 3]),
          ])
      ])
  }

  /// Three namespaces, one of them nearly exhausted, with owners.
  static let fleet = LiveSnapshot(
    time: 1_767_324_604, source: "netlink",
    namespaces: [
      LiveNamespace(
        name: "host", range: .linuxDefault, capacity: 28_232,
        pools: [LivePool(.connectIPv4, used: 40, capacity: 28_232, headroom: 28_192)], connectCapacity: 28_232,
        owners: [
          LiveOwner(name: "/system.slice/nginx.service", used: 31), LiveOwner(name: "/user.slice/user-1000.slice/session-4.scope", used: 7),
          LiveOwner(name: "none", used: 2),
        ]),
      LiveNamespace(
        name: "blue", note: "pod 7f3a, nginx.service", range: PortRange(first: 40_000, last: 40_099), capacity: 100,
        pools: [
          LivePool(.connectIPv4, used: 97, capacity: 100, headroom: 3, subject: "10.1.0.2 → 10.1.0.3:80"),
          LivePool(.udpIPv4, used: 10, capacity: 100, headroom: 90),
        ], connectCapacity: 100, tuples: [tuple("10.1.0.2", "10.1.0.3:80", 97, [0, 1, 2, 3], of: 100)],
        usages: [
          LiveUsage(
            transport: .tcp, uses: [.client: 97],
            map: (0..<100).map { $0 < 97 ? .client : .free })
        ]),
      LiveNamespace(
        name: "green", note: "container 4f1c", range: .linuxDefault, capacity: 28_232,
        pools: [LivePool(.connectIPv4, used: 14_200, capacity: 28_232, headroom: 14_032)], connectCapacity: 28_232),
      LiveNamespace(name: "4026532201", note: "not walked: 12 sockets", range: nil, capacity: nil, pools: []),
    ], remarks: ["/proc/812/ns/net: open: Permission denied; run as root to look into every namespace"])

  private static func tuple(
    _ source: String, _ destination: String, _ used: Int, _ returning: [Int], reusable: Int = 0, of capacity: Int = 28_231
  ) -> LiveTuple {
    LiveTuple(
      source: source, destination: destination, family: source.contains(":") ? .ipv6 : .ipv4, used: used, reusable: reusable,
      headroom: capacity - used + reusable, returning: returning)
  }

  /// A map that holds what `uses` says, each use in a stretch of its own, as the kernel gives ports: every second one first.
  private static func usage(_ transport: TransportProtocol, _ uses: [PortUse: Int]) -> LiveUsage {
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
    return LiveUsage(transport: transport, uses: uses, map: map)
  }
}
