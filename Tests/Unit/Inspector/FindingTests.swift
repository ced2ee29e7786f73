import Inspector
import Kernel
import PortModel
import Scraper
import Testing

extension Finding {
  /// The ports that its setting reserves.
  fileprivate var reserved: PortSet {
    var ports = PortSet()
    for range in settings.first?.value.split(separator: ",") ?? [] {
      let ends = range.split(separator: "-").compactMap { Port($0) }
      if let first = ends.first, let last = ends.last, let range = PortRange(first: first, last: last) { ports.insert(range) }
    }
    return ports
  }
}

@Suite("Findings that need no sockets")
struct FindingTests {
  private func namespace(_ first: Port, _ last: Port, reserved: PortSet = []) throws -> NamespaceSnapshot {
    let range = try #require(PortRange(first: first, last: last))
    return NamespaceSnapshot(name: "host", settings: PoolSettings(range: range, reserved: reserved), tcp: nil, udp: nil, outcomes: [])
  }

  private func ids(_ evidence: Evidence) -> [String] { evidence.findings.map(\.id) }

  @Test(
    "a range is narrow below IANA's dynamic range, and odd when its ends have one parity",
    arguments: [
      (32768, 60999, [], []), (49152, 65535, [], []), (49153, 65534, ["narrow-pool"], ["32768 60999"]),
      (1024, 65535, ["exporter-port"], []), (32768, 61000, ["range-parity"], ["32768 61001"]),
      (32769, 65535, ["range-parity"], ["32768 65535"]), (40000, 40000, ["narrow-pool", "range-parity"], ["32768 60999", "32768 60999"]),
    ] as [(Port, Port, [String], [String])])
  func ranges(first: Port, last: Port, expected: [String], values: [String]) throws {
    let findings = Evidence(namespace: try namespace(first, last)).findings
    #expect(findings.map(\.id).sorted() == expected)
    #expect(findings.flatMap(\.settings).filter { $0.name == "net.ipv4.ip_local_port_range" }.map(\.value) == values)
  }

  @Test(
    "ports of bound sockets that the kernel lists nowhere are a finding, a warning from a tenth of the pool on",
    arguments: [(0, nil), (1, .notice), (2823, .notice), (2824, .warning)] as [(Int, Finding.Severity?)])
  func unlisted(ports: Int, severity: Finding.Severity?) throws {
    let unlisted = Evidence.Unlisted(ports: ports, holders: [Evidence.ProcessCount("idle (pid 812)", ports)])
    let findings = Evidence(namespace: try namespace(32768, 60999), unlisted: unlisted).findings.filter { $0.id == "unlisted-binds" }
    #expect(findings.map(\.severity) == (severity.map { [$0] } ?? []))
    #expect(findings.allSatisfy { $0.evidence.first?.hasPrefix("idle (pid 812): ") == true })
  }

  @Test("reserved ports count against the pool")
  func reserved() throws {
    var reserved = PortSet()
    reserved.insert(try #require(PortRange(first: 32768, last: 50000)))
    #expect(ids(Evidence(namespace: try namespace(32768, 60999, reserved: reserved))) == ["narrow-pool"])
  }

  @Test(
    "advice about a narrow pool says what it gives, and is no range where none gives more",
    arguments: [
      (
        32768, 60999, 32768...60000,
        "Widen the range to 10240–65535, with the servers in it reserved: a pool of 28,063 ports instead of 999.", true
      ),
      (40000, 40099, nil, "Widen the range to 32768–60999, with the servers in it reserved: a pool of 28,231 ports instead of 100.", true),
      (
        40000, 40000, 40000...40000,
        "Widen the range to 32768–60999, with the servers in it reserved: a pool of 28,230 ports instead of 0.", true
      ),
      (
        1024, 65535, 1024...60000,
        "Reserve fewer ports: 58,977 of the 64,512 ports 1024–65535 are reserved, so that no wider range leaves more than there are.", false
      ),
      (
        40000, 40099, 1...39999,
        "Widen the range to 32768–60999, with the servers in it reserved: a pool of 20,999 ports instead of 100.", true
      ),
    ] as [(Port, Port, ClosedRange<Port>?, String, Bool)])
  func gain(first: Port, last: Port, reserved: ClosedRange<Port>?, expected: String, widens: Bool) throws {
    var ports = PortSet()
    if let reserved { ports.insert(try #require(PortRange(first: reserved.lowerBound, last: reserved.upperBound))) }
    let namespace = try namespace(first, last, reserved: ports)
    let evidence = Evidence(namespace: namespace, listeners: [.init(.tcp, 41000, holder: "java (pid 960)")])
    let finding = try #require(evidence.findings.first { $0.id == "narrow-pool" })
    #expect(finding.remedy.first == expected)
    #expect(finding.settings.contains { $0.name == "net.ipv4.ip_local_port_range" } == widens)
    #expect(finding.remedy.contains { $0.contains("another source address") } == !widens)
  }

  @Test("nothing is advised that the complement of a small pool being reserved makes useless")
  func complement() throws {
    var reserved = PortSet()
    reserved.insert(try #require(PortRange(first: 0, last: 44620)))
    reserved.insert(try #require(PortRange(first: 48717, last: 65535)))
    let finding = try #require(Evidence(namespace: try namespace(32768, 60999, reserved: reserved)).findings.first)
    #expect(finding.id == "narrow-pool" && finding.settings == [])
    #expect(finding.remedy.first?.hasPrefix("Reserve fewer ports: 51,200 of the 55,296 ports 10240–65535 are reserved") == true)
  }

  private func blocked(_ blocked: Int, of last: Port) throws -> Evidence {
    let namespace = try namespace(32768, last)
    let pool = try #require(namespace.capacity)
    let connect = ConnectHeadroom(
      capacity: pool - blocked, firstParityCapacity: (pool - blocked) / 2, tupleCounts: [:], tuples: [], worst: [:])
    let bind = BindHeadroom(
      wildcard: pool - blocked, wildcardIPv6: pool - blocked, addresses: [], isComplete: true, other: pool, otherIPv6: pool)
    let pressure = TCPPressure(
      usage: PortUsage(counts: [.bound: blocked]), blocked: blocked, connect: connect, bind: bind, wrongParity: 0, listeners: [])
    let tcp = TCPPool(sockets: SocketCounts(namedRanges: []), seesBoundOnly: true, pressure: pressure)
    return Evidence(
      namespace: NamespaceSnapshot(name: "host", settings: namespace.settings, tcp: tcp, udp: nil, outcomes: []),
      blockers: [.init("haproxy (pid 812)", blocked)])
  }

  @Test(
    "blocked ports are judged against the pool: half a warning, four fifths critical, whatever the destinations have",
    arguments: [
      (0, nil), (15999, nil), (16000, .warning), (25599, .warning), (25600, .critical), (31900, .critical), (32000, .critical),
    ] as [(Int, Finding.Severity?)])
  func blocked(count: Int, severity: Finding.Severity?) throws {
    let finding = try blocked(count, of: 64767).findings.first { $0.id == "pool-blocked" }
    #expect(finding?.severity == severity)
    guard let finding else { return }
    #expect(finding.evidence.contains { $0.hasPrefix("haproxy (pid 812): ") })
    #expect(finding.title.contains("EADDRNOTAVAIL") == (count == 32000))
    #expect(finding.settings.map(\.value).last == "10240 65535")
  }

  /// A pool of 1,000 ports of which `left` are left for bind(), with nothing that blocks connect().
  private func bound(left: Int) throws -> Evidence {
    let namespace = try namespace(40000, 40999)
    let connect = ConnectHeadroom(capacity: 1000, firstParityCapacity: 500, tupleCounts: [:], tuples: [], worst: [:])
    let bind = BindHeadroom(wildcard: left, wildcardIPv6: left, addresses: [], isComplete: true, other: 1000, otherIPv6: 1000)
    let pressure = TCPPressure(
      usage: PortUsage(counts: [.client: 1000 - left]), blocked: 0, connect: connect, bind: bind, wrongParity: 0, listeners: [])
    return Evidence(
      namespace: NamespaceSnapshot(
        name: "host", settings: namespace.settings, tcp: TCPPool(sockets: SocketCounts(), seesBoundOnly: true, pressure: pressure),
        udp: nil,
        outcomes: []), bindHolders: [.init("proxy (pid 812, proxy.service)", 1000 - left)])
  }

  @Test(
    "ports that many destinations take from bind() are a finding from a tenth on, as they are an alert, with their programs",
    arguments: [(0, "bind-exhausted"), (1, "bind-filling"), (100, "bind-filling"), (101, nil)] as [(Int, String?)])
  func bindPressure(left: Int, expected: String?) throws {
    let evidence = try bound(left: left)
    let finding = evidence.findings.first { $0.id.hasPrefix("bind-") }
    #expect(finding?.id == expected)
    guard let finding else { return }
    #expect(finding.severity == .warning && finding.title.contains("connect() is not affected"))
    #expect(finding.title.contains("EADDRINUSE") == (left == 0))
    #expect(finding.evidence.contains("proxy (pid 812, proxy.service): \(left == 0 ? "1,000" : "\(1000 - left)") sockets"))
    #expect(finding.settings.map(\.value).last == "10240 65535")
  }

  /// A tuple of which 90 of 100 ports are in TIME_WAIT.
  private func closed(_ mode: TimeWaitReuse.Mode, reusable: Int, usesTimestamps: Bool?) throws -> Evidence {
    let range = try #require(PortRange(first: 40000, last: 40099))
    let tuple = TupleHeadroom(
      tuple: Tuple(
        source: try #require(IPAddress("10.0.0.5")), destination: try #require(IPAddress("10.0.0.9")), destinationPort: 443),
      used: 90, reusable: reusable, headroom: 10 + reusable, firstParityFree: 5, returning: [0, 0, 0, 90], usesTimestamps: usesTimestamps)
    let connect = ConnectHeadroom(
      capacity: 100, firstParityCapacity: 50, tupleCounts: [.ipv4: 1], tuples: [tuple], worst: [.ipv4: tuple])
    let bind = BindHeadroom(wildcard: 100, wildcardIPv6: 100, addresses: [], isComplete: true, other: 100, otherIPv6: 100)
    let pressure = TCPPressure(
      usage: PortUsage(counts: [.closing: 90]), blocked: 0, connect: connect, bind: bind, wrongParity: 0, listeners: [])
    let settings = PoolSettings(range: range, timeWaitReuse: TimeWaitReuse(mode: mode))
    let tcp = TCPPool(sockets: SocketCounts(), seesBoundOnly: true, pressure: pressure)
    return Evidence(namespace: NamespaceSnapshot(name: "host", settings: settings, tcp: tcp, udp: nil, outcomes: []))
  }

  @Test(
    "TIME_WAIT that counts as free is a finding unless a connection shows that its peer uses timestamps",
    arguments: [(nil, true), (true, false)] as [(Bool?, Bool)])
  func reuse(usesTimestamps: Bool?, expected: Bool) throws {
    let finding = try closed(.always, reusable: 90, usesTimestamps: usesTimestamps).findings.first { $0.id == "reuse-unconfirmed" }
    #expect((finding != nil) == expected)
    #expect(finding?.severity != .notice && finding?.settings.isEmpty != false)
    #expect(finding.map { $0.title.hasPrefix("Perhaps only 10 ports are left for 10.0.0.5 → 10.0.0.9:443: 90 count as free") } != false)
  }

  @Test(
    "tcp_tw_reuse is advised against TIME_WAIT, but not where the peer uses no timestamps",
    arguments: [(nil, ["1"], "provided"), (true, ["1"], "uses TCP timestamps"), (false, [], "tcp_tw_reuse does not help here")]
      as [(Bool?, [String], String)])
  func timeWait(usesTimestamps: Bool?, values: [String], words: String) throws {
    let evidence = try closed(.loopbackOnly, reusable: 0, usesTimestamps: usesTimestamps)
    let finding = try #require(evidence.findings.first { $0.id == "time-wait" })
    #expect(finding.settings.map(\.value) == values)
    #expect(finding.remedy.first?.contains(words) == true)
  }

  @Test(
    "a host without any IPv6 address, and a source address it does not have, are facts that end no watch",
    arguments: [
      (0, false, ["IPv6 is on but has no address", "EADDRNOTAVAIL while ports are left is not the pool"]),
      (1, false, ["EADDRNOTAVAIL while ports are left is not the pool"]), (nil, true, []), (0, true, ["IPv6 is on but has no address"]),
      (3, nil, []),
    ] as [(Int?, Bool?, [String])])
  func sourceAddresses(count: Int?, nonlocal: Bool?, expected: [String]) throws {
    var evidence = try blocked(100, of: 64767)
    evidence.sourceAddresses = SourceAddresses(ipv6Count: count, allowsNonlocalBind: nonlocal)
    #expect(evidence.findings == [])
    #expect(zip(evidence.addressFacts, expected).allSatisfy { $0.hasPrefix($1) } && evidence.addressFacts.count == expected.count)
  }

  @Test("with no port left, EADDRNOTAVAIL is not put down to the source address")
  func exhausted() throws {
    var evidence = try blocked(32000, of: 64767)
    evidence.sourceAddresses = SourceAddresses(ipv6Count: 3, allowsNonlocalBind: false)
    #expect(evidence.addressFacts == [])
  }

  @Test("what is reserved stays reserved when more is added")
  func reserving() throws {
    let settings = PoolSettings(range: .linuxDefault, reserved: [8080, 40001, 40002])
    #expect(SysctlLine.reserving([40000, 45000], in: settings).value == "8080,40000-40002,45000")
    #expect(SysctlLine.reserving([], in: PoolSettings(range: .linuxDefault)).command == "sysctl -w net.ipv4.ip_local_reserved_ports=")
    #expect(SysctlLine.range(.linuxDefault).command == "sysctl -w 'net.ipv4.ip_local_port_range=32768 60999'")
    #expect(SysctlLine.range(.linuxDefault).fileLine == "net.ipv4.ip_local_port_range = 32768 60999")
  }

  @Test(
    "servers are named when their port is handed out, whoever has it",
    arguments: [(40000, true), (40001, false), (80, false), (61000, false)])
  func listeners(port: Port, expected: Bool) throws {
    let evidence = Evidence(
      namespace: try namespace(32768, 60999, reserved: [40001]), listeners: [.init(.tcp, port, holder: "java (pid 960)")])
    #expect(ids(evidence) == (expected ? ["unreserved-listeners"] : []))
    let finding = evidence.findings.first
    #expect(finding.map { $0.evidence == ["TCP \(port): java (pid 960)"] } != false)
    #expect(finding.map { $0.settings.map(\.value) == ["40000-40001"] } != false)
  }

  @Test(
    "a range of services that the kernel hands out ports of is a finding, with the line that reserves all of it",
    arguments: [
      (1024, 65535, [], "2,768 ports", "10097,30000-32767"), (32000, 60999, [], "768 ports", "32000-32767"),
      (1024, 65535, [30000], "2,767 ports", "10097,30000-32767"), (32768, 60999, [], nil, nil),
    ] as [(Port, Port, PortSet, String?, String?)])
  func serviceRange(first: Port, last: Port, reserved: PortSet, count: String?, value: String?) throws {
    let range = NamedRange(name: "nodeport", ports: try #require(PortRange(first: 30000, last: 32767)))
    let evidence = Evidence(namespace: try namespace(first, last, reserved: reserved), ranges: [range, range])
    let finding = evidence.findings.first { $0.id == "unreserved-ranges" }
    #expect(finding?.severity == (count == nil ? nil : .warning))
    guard let finding, let count, let value else { return }
    #expect(finding.title.hasPrefix("\(count) that are meant for services"))
    #expect(finding.evidence.first == "nodeport (30000-32767): \(count.dropLast(6)) of 2,768 ports in the pool and not reserved")
    #expect(finding.settings.map(\.value) == [value])
    // Every finding gives a setting the same value.
    #expect(Set(evidence.findings.flatMap(\.settings).map(\.value)) == [value])
    #expect(try ids(Evidence(namespace: namespace(first, last, reserved: finding.reserved), ranges: [range])).isEmpty)
  }

  @Test("a range that takes half of the pool is not reserved away: the pool has to move")
  func largeServiceRange() throws {
    let range = NamedRange(name: "all", ports: try #require(PortRange(first: 32768, last: 50000)))
    let finding = try #require(Evidence(namespace: try namespace(32768, 60999), ranges: [range]).findings.first)
    #expect(finding.id == "unreserved-ranges" && finding.settings == [])
    #expect(finding.remedy.first?.contains("move ip_local_port_range") == true)
  }

  @Test("a wider range that is advised spares the services in it")
  func widened() throws {
    var evidence = try blocked(26000, of: 64767)
    evidence.ranges = [NamedRange(name: "nodeport", ports: try #require(PortRange(first: 30000, last: 32767)))]
    let finding = try #require(evidence.findings.first { $0.id == "pool-blocked" })
    #expect(finding.settings.map(\.value) == ["30000-32767", "10240 65535"])
  }

  @Test(
    "a table is full from four fifths on",
    arguments: [(79, 100, nil), (80, 100, .warning), (99, 100, .warning), (100, 100, .critical), (120, 100, .critical), (0, 0, nil)]
      as [(UInt64, UInt64, Finding.Severity?)])
  func conntrack(used: UInt64, limit: UInt64, severity: Finding.Severity?) throws {
    let evidence = Evidence(namespace: try namespace(32768, 60999), conntrack: .init(used: used, limit: limit))
    #expect(evidence.findings.first { $0.id == "conntrack-full" }?.severity == severity)
  }

  @Test(
    "what connection tracking lost before anyone watched is history",
    arguments: [(0, 0, 0, false), (3, 0, 0, true), (0, 1, 0, true), (0, 0, 2, true)] as [(UInt64, UInt64, UInt64, Bool)])
  func dropping(insertFailed: UInt64, dropped: UInt64, early: UInt64, expected: Bool) throws {
    let watched = Evidence.Watched(seconds: 2, insertFailed: insertFailed, dropped: dropped, droppedEarly: early)
    #expect(ids(Evidence(namespace: try namespace(32768, 60999), watched: watched)).contains("conntrack-dropping") == expected)
  }

  @Test(
    "a full table asks for a larger one, translation without ports for more addresses, and entries thrown out early are no loss yet",
    arguments: [
      (5, 5, 0, .critical, ["insert_failed"], false), (0, 5, 0, .critical, ["Raise"], true), (0, 0, 5, .warning, ["Raise"], true),
      (5, 9, 0, .critical, ["insert_failed", "Raise"], true), (5, 0, 0, .critical, ["insert_failed"], false),
    ] as [(UInt64, UInt64, UInt64, Finding.Severity, [String], Bool)])
  func losses(insertFailed: UInt64, dropped: UInt64, early: UInt64, severity: Finding.Severity, remedies: [String], raises: Bool) throws {
    let evidence = Evidence(
      namespace: try namespace(32768, 60999),
      watched: Evidence.Watched(seconds: 2, insertFailed: insertFailed, dropped: dropped, droppedEarly: early),
      conntrack: .init(used: 10, limit: 256))
    let finding = try #require(evidence.findings.first { $0.id == "conntrack-dropping" })
    #expect(finding.severity == severity)
    #expect(["insert_failed", "Raise"].filter { word in finding.remedy.contains { $0.hasPrefix(word) } } == remedies)
    #expect(finding.settings.map(\.command) == (raises ? ["sysctl -w net.netfilter.nf_conntrack_max=512"] : []))
  }

  @Test("few connections in CLOSE_WAIT are a busy program, many are a leak", arguments: [(9, false), (10, true), (5000, true)])
  func leaks(count: Int, expected: Bool) throws {
    let evidence = Evidence(namespace: try namespace(32768, 60999), leaks: [.init("leaky (pid 7)", count)], watched: .init(seconds: 2))
    #expect(ids(evidence) == (expected ? ["close-wait"] : []))
  }

  @Test(
    "TIME_WAIT sockets near their limit are named",
    arguments: [(89, 100, false), (90, 100, true), (100, 100, true)] as [(UInt64, UInt64, Bool)])
  func buckets(used: UInt64, limit: UInt64, expected: Bool) throws {
    let evidence = Evidence(namespace: try namespace(32768, 60999), timeWaitBuckets: .init(used: used, limit: limit))
    #expect(ids(evidence) == (expected ? ["time-wait-buckets"] : []))
  }

  @Test(
    "in a namespace beside the host's own a setting is written by entering it, and no file of the host's holds it",
    arguments: [
      (nil, "sysctl -w net.ipv4.tcp_tw_reuse=1"),
      ("/run/netns/blue", "nsenter --net=/run/netns/blue sysctl -w net.ipv4.tcp_tw_reuse=1"),
      ("/run/netns/a b'c", "nsenter --net='/run/netns/a b'\\''c' sysctl -w net.ipv4.tcp_tw_reuse=1"),
      ("/run/netns/$(reboot)", "nsenter --net='/run/netns/$(reboot)' sysctl -w net.ipv4.tcp_tw_reuse=1"),
      ("/run/netns/a;b", "nsenter --net='/run/netns/a;b' sysctl -w net.ipv4.tcp_tw_reuse=1"),
      (
        "/run/netns/'\\\u{1B}\u{202E}",
        #"nsenter --net=$'/run/netns/\'\\\x1b\xe2\x80\xae' sysctl -w net.ipv4.tcp_tw_reuse=1"#
      ),
    ] as [(String?, String)])
  func otherNamespace(path: String?, command: String) {
    let lines = [SysctlLine("net.ipv4.tcp_tw_reuse", "1"), SysctlLine("net.netfilter.nf_conntrack_max", "512")]
    let diagnosis = Diagnosis(
      namespace: NamespaceName(name: "blue", id: nil, path: path),
      findings: [Finding("a", .notice, "t", evidence: [], remedy: [], settings: lines)], problems: [], facts: [])
    let text = diagnosis.page.text
    #expect(text.contains("    \(command)\n    sysctl -w net.netfilter.nf_conntrack_max=512\n"), "\(text)")
    #expect((diagnosis.file(of: lines[0]) == nil) == (path != nil) && diagnosis.file(of: lines[1]) != nil)
    #expect(text.contains("WHERE THE NAMESPACE IS CREATED") == (path != nil))
  }

  @Test(
    "the exit status says fine, findings, or could not look",
    arguments: [([], [], 0), (["a"], [], 1), ([], ["b"], 2), (["a"], ["b"], 2)] as [([String], [String], Int32)])
  func status(findings: [String], problems: [String], expected: Int32) {
    let findings = findings.map { Finding($0, .notice, "t", evidence: [], remedy: []) }
    let host = NamespaceName(name: "host", id: nil)
    #expect(Diagnosis(namespace: host, findings: findings, problems: problems, facts: []).exitStatus == expected)
  }
}
