package import Kernel
package import PortModel
internal import Scraper

/// Answers `portpool doctor`: looks at one namespace's pool, its programs and the kernel's other tables, and says what is wrong.
///
/// Blocking, and it may watch for a while: leaks and losses show only in two looks.
package struct Doctor: Sendable {
  private let host: HostFiles
  private let proc: ProcFileSystem
  private let exporterPort: Port
  private let watch: Duration

  /// - Parameters:
  ///   - view: whose namespace is looked at: this process's, or the calling thread's.
  ///   - watch: how long to watch if something has to be seen twice; zero for one look.
  package init(_ host: HostFiles, view: ProcFileSystem.View = .process, exporterPort: Port = 10097, watch: Duration = .seconds(2)) {
    self.host = host
    proc = ProcFileSystem(root: host.procfs, view: view)
    self.exporterPort = exporterPort
    self.watch = watch
  }

  package func diagnosis() -> Diagnosis {
    let name = NamespaceFinder(host).own(proc.view)
    let scraper = PoolScraper(ScraperConfiguration(proc: proc, snat: SnatOptions(readsCalmTables: true)))
    let snapshot = scraper.snapshot()
    guard let namespace = snapshot.namespaces.first, let settings = namespace.settings, snapshot.problems.isEmpty else {
      return Diagnosis(namespace: name, findings: [], problems: snapshot.problems, facts: [])
    }
    do throws(ReadError) {
      let evidence = try self.evidence(namespace, settings, translation: scraper.snapshot([.snat]))
      return Diagnosis(namespace: name, findings: evidence.findings, problems: [], facts: facts(evidence, settings, snapshot.source))
    } catch {
      return Diagnosis(namespace: name, findings: [], problems: ["\(error)"], facts: [])
    }
  }

  /// - Parameter translation: a snapshot of translated ports, which takes a right that the pool does not.
  private func evidence(
    _ looked: NamespaceSnapshot, _ settings: PoolSettings, translation: PoolSnapshot
  ) throws(ReadError) -> Evidence {
    let namespace = looked.adding(translation.own?[Snat.self])
    // What passes by itself is read first: TIME_WAIT lasts a minute.
    let timeWait = try TimeWaitLimit(reading: proc)
    let conntrack = try Conntrack(reading: proc)
    let before = conntrack?.counters
    let pressure = Evidence(namespace: namespace)
    let first = try SuspectSockets(reading: proc, settings, tuples: Set(pressure.tupleFindingLevels.map(\.0.tuple.withoutZone)))
    let blockers = pressure.levelForAnyTuple > .ok ? first.blockers : []
    let udp = pressure.udpIsFilling ? first.udp : []
    var leaking = first.closeWait
    var watched = Evidence.Watched()
    let isWorthWatching = leaking.count >= Evidence.leakThreshold || before != nil
    if isWorthWatching, watch > .zero {
      Pause.sleep(watch)
      if leaking.count >= Evidence.leakThreshold { leaking.formIntersection(try SuspectSockets(reading: proc, settings).closeWait) }
      let after = try Conntrack.Counters(reading: proc)
      watched = Evidence.Watched(
        seconds: watch / .seconds(1), insertFailed: Self.rise(before?.insertFailed, after?.insertFailed),
        dropped: Self.rise(before?.dropped, after?.dropped), droppedEarly: Self.rise(before?.droppedEarly, after?.droppedEarly))
    } else if watch > .zero || leaking.count < Evidence.leakThreshold {
      leaking = []
    }
    let suspects = [Array(leaking), first.earlyBinders, first.listeners, blockers, udp] + Array(first.tuples.values)
    let inodes = Set(suspects.joined().map(\.inode)).subtracting([0])
    let owners = OwnerSearch(host).owners(of: inodes)
    var missing = translation.problems
    if !owners.seesAll, inodes.contains(where: { owners.processes[$0] == nil }) {
      missing.append(
        "\(grouped(inodes.count { owners.processes[$0] == nil })) of \(counted(inodes.count, "socket")) belong to processes that may not be looked at."
      )
    }
    return Evidence(
      namespace: namespace,
      listeners: Set(first.listeners.map { Evidence.Listener($0.transport, $0.localPort, holder: owners.holder($0)) })
        .sorted { ($0.transport.rawValue, $0.port, $0.holder) < ($1.transport.rawValue, $1.port, $1.holder) }
        .reduce(into: []) { list, next in
          if list.last.map({ $0.transport != next.transport || $0.port != next.port }) != false { list.append(next) }
        },
      earlyBinders: owners.counts(first.earlyBinders), leaks: owners.counts(leaking), watched: watched,
      blockers: owners.counts(blockers), tupleHolders: first.tuples.mapValues(owners.counts), udpHolders: owners.counts(udp),
      timeWaitBuckets: timeWait.fill.map { Evidence.Fill(used: $0.used, limit: $0.limit) }, timeWaitOverflows: timeWait.overflows,
      conntrack: (conntrack?.fill).map { Evidence.Fill(used: $0.entries, limit: $0.limit) },
      sourceAddresses: try SourceAddresses(reading: proc), exporterPort: exporterPort, missingRights: missing)
  }

  private static func rise(_ before: UInt64?, _ after: UInt64?) -> UInt64 {
    guard let before, let after, after > before else { return 0 }
    return after - before
  }

  private func facts(_ evidence: Evidence, _ settings: PoolSettings, _ source: SourceName?) -> [String] {
    var facts = [
      "ip_local_port_range \(settings.range.first)–\(settings.range.last), \(grouped(settings.reservedInRange)) of them reserved"
    ]
    if let connect = evidence.namespace.tcp?.pressure?.connect {
      let tuples = connect.tupleCounts.values.reduce(0, +)
      let worst = connect.worst.values.map(\.headroom).min()
      facts.append(
        "TCP: \(counted(tuples, "destination tuple")), " + (worst.map { "\(grouped($0)) connects left for the fullest" } ?? "none in use"))
    }
    if let udp = evidence.namespace.udp?.pressure { facts.append("UDP: \(grouped(udp.headroom)) automatic binds left") }
    if let conntrack = evidence.conntrack {
      facts.append("connection tracking: \(grouped(conntrack.used)) of at most \(grouped(conntrack.limit)) entries")
    }
    if let table = evidence.namespace[Snat.self]?.table, let worst = table.tuples.first {
      let chance = worst.capacity == nil ? "ports unknown" : "a new connection of the worst fails with \(Snat.text(chance: worst.failure))"
      facts.append("translated: \(counted(table.tupleCounts.values.reduce(0, +), "tuple")), \(chance)")
    }
    if let buckets = evidence.timeWaitBuckets {
      facts.append("TIME_WAIT: \(grouped(buckets.used)) of at most \(grouped(buckets.limit)) sockets")
    }
    facts += evidence.addressFacts
    if let source { facts.append("sockets read from \(source.rawValue)") }
    if evidence.watched.seconds > 0 { facts.append("watched for \(Evidence.text(evidence.watched.seconds))") }
    return facts
  }
}
