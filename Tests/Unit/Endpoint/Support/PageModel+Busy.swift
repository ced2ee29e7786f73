import Endpoint

extension PageModel {
  /// A host under pressure: a destination that has used up the first parity, TIME_WAIT, listeners, reserved ports.
  static func busy(first: Int = 32768, count: Int = 28_232, refreshSeconds: Int = 15) -> PageModel {
    var kinds = [PortKind](repeating: .free, count: count)
    var state: UInt64 = 7
    func random(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    for index in 0..<count where (first + index) % 2 == 0 { kinds[index] = random(10) < 8 ? .client : (random(3) == 0 ? .closing : .free) }
    for _ in 0..<900 { kinds[random(count)] = .closing }
    for _ in 0..<300 { kinds[random(count)] = .local }
    for index in 5000..<5120 { kinds[index] = .reserved }
    for index in stride(from: 7300, to: 7320, by: 3) { kinds[index] = .listener }
    for _ in 0..<40 { kinds[random(count)] = .bound }
    var quiet = [PortKind](repeating: .free, count: count)
    for _ in 0..<60 { quiet[random(count)] = .bound }
    let returning = [5, 15, 30, 60].map { PageTuple.Returning(seconds: $0, ports: $0 * 31) }
    return PageModel(
      host: "db-7.example", version: "0.1.0 (4f2a91c)", time: "2026-01-02T03:04:05Z",
      namespaces: [
        PageNamespace(
          name: "host",
          maps: [PortMap(name: "TCP", first: first, kinds: kinds), PortMap(name: "UDP", first: first, kinds: quiet)],
          pools: [
            PagePool(
              name: "connect() over IPv4", used: 12_844, capacity: 28_105, headroom: 15_261, error: "EADDRNOTAVAIL",
              note: "10.0.0.5 → 10.0.0.9:5432"),
            PagePool(
              name: "connect() over IPv6", used: 25_002, capacity: 28_105, headroom: 3_103, error: "EADDRNOTAVAIL",
              note: "2001:db8::5 → [2001:db8::9]:443"),
            PagePool(name: "bind() to 0.0.0.0", used: 14_420, capacity: 28_112, headroom: 13_692, error: "EADDRINUSE"),
            PagePool(name: "UDP senders", used: 60, capacity: 28_112, headroom: 28_052, error: "EAGAIN"),
          ],
          tuples: [
            PageTuple(
              source: "2001:db8::5", destination: "2001:db8::9", port: 443, used: 25_002, capacity: 28_105, headroom: 3_103,
              returning: returning),
            PageTuple(
              source: "10.0.0.5", destination: "10.0.0.9", port: 5432, used: 12_844, capacity: 28_105, headroom: 15_261,
              returning: returning),
            PageTuple(
              source: "10.0.0.5", destination: "10.0.0.11", port: 6379, used: 310, capacity: 28_105, headroom: 27_795, returning: returning),
          ],
          listeners: [
            PageListener(transport: "tcp", port: 40068), PageListener(transport: "tcp", port: 40071),
          ],
          facts: [
            PageRow(name: "ip_local_port_range", value: "\(first) – \(first + count - 1)"), PageRow(name: "reserved ports", value: "120"),
            PageRow(name: "tcp_tw_reuse", value: "2 (loopback only)"), PageRow(name: "source", value: "netlink"),
            PageRow(name: "udp6", value: "not readable", isGood: false),
          ],
          warnings: [
            PageWarning(text: "UDP sockets over IPv6 could not be read: permission denied.")
          ])
      ],
      warnings: [
        PageWarning(
          text: "The exporter's own port 40097 lies in the pool and is not reserved: an outgoing connection can take it.",
          remedy: "sysctl -w net.ipv4.ip_local_reserved_ports=40097")
      ], refreshSeconds: refreshSeconds)
  }

  /// Names from outside that look like markup.
  static var hostile: PageModel {
    let evil = "<script>alert(1)</script>\"'&"
    return PageModel(
      host: evil, version: evil, time: evil,
      namespaces: [
        PageNamespace(
          name: evil, maps: [PortMap(name: evil, first: 100, kinds: [.client])],
          pools: [PagePool(name: evil, used: 1, capacity: 0, headroom: 0, error: evil, note: evil)],
          tuples: [PageTuple(source: evil, destination: evil, port: 1, used: 1, capacity: 1, headroom: 0, returning: [])],
          listeners: [PageListener(transport: evil, port: 1)], facts: [PageRow(name: evil, value: evil)],
          warnings: [PageWarning(text: evil, remedy: evil)])
      ], warnings: [PageWarning(text: evil, remedy: evil)])
  }
}
