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
  private let ranges: [NamedRange]
  private let watch: Duration
  private let countsRefusals: Bool

  /// - Parameters:
  ///   - view: whose namespace is looked at: this process's, or the calling thread's.
  ///   - ranges: ports that are meant for services.
  ///   - watch: how long to watch if something has to be seen twice; zero for one look.
  ///   - countsRefusals: whether to count, while watching, what the kernel refuses for want of a port.
  package init(
    _ host: HostFiles, view: ProcFileSystem.View = .process, exporterPort: Port = 10097, ranges: [NamedRange] = [],
    watch: Duration = .seconds(2), countsRefusals: Bool = false
  ) {
    self.host = host
    proc = ProcFileSystem(root: host.procfs, view: view)
    self.exporterPort = exporterPort
    self.ranges = ranges
    self.watch = watch
    self.countsRefusals = countsRefusals && watch > .zero
  }

  package func diagnosis() -> Diagnosis {
    let name = NamespaceFinder(host).own(proc.view)
    if countsRefusals { RefusalCounter.prepare() }
    let scraper = PoolScraper(
      ScraperConfiguration(
        proc: proc, countsInKernel: ScraperConfiguration.isWorthLoading(proc), snat: SnatOptions(readsCalmTables: true)))
    scraper.findAbilities()
    if watch > .zero { scraper.tryAbilities() }
    let snapshot = scraper.snapshot()
    guard let namespace = snapshot.namespaces.first, let settings = namespace.settings, snapshot.problems.isEmpty else {
      return Diagnosis(namespace: name, findings: [], problems: snapshot.problems, facts: [])
    }
    do throws(ReadError) {
      let evidence = try self.evidence(namespace, settings, snapshot.abilities, translation: scraper.snapshot([.snat])) {
        countsRefusals ? scraper.snapshot([.refusals]) : nil
      }
      return Diagnosis(
        namespace: name, findings: evidence.findings, problems: [],
        facts: [name.remark].compactMap { $0 } + facts(evidence, settings, snapshot.source)
          + Self.facts(snapshot.abilities, evidence.unlisted))
    } catch {
      return Diagnosis(namespace: name, findings: [], problems: ["\(error)"], facts: [])
    }
  }

  /// - Parameters:
  ///   - translation: a snapshot of translated ports, which takes a right that the pool does not.
  ///   - refusals: takes a snapshot of refused ports, when all else is watched; `nil` if they are not counted.
  private func evidence(
    _ looked: NamespaceSnapshot, _ settings: PoolSettings, _ abilities: KernelAbilities, translation: PoolSnapshot,
    refusals: () -> PoolSnapshot?
  ) throws(ReadError) -> Evidence {
    let namespace = looked.adding(translation.own?[Snat.self])
    // What passes by itself is read first: TIME_WAIT lasts a minute.
    let timeWait = try TimeWaitLimit(reading: proc)
    let conntrack = try Conntrack(reading: proc)
    let before = conntrack?.counters
    let pressure = Evidence(namespace: namespace)
    let first = try SuspectSockets(
      reading: proc, settings, tuples: Set(pressure.tupleFindingLevels.map(\.0.tuple.withoutZone)), keepsTCP: pressure.bindIsFilling)
    let blockers = pressure.levelForAnyTuple > .ok ? first.blockers : []
    let udp = pressure.udpIsFilling ? first.udp : []
    var leaking = first.closeWait
    var watched = Evidence.Watched()
    let receivers = first.receivers.filter { Evidence.mayBeHandedOut($0.localPort, settings) }
    var laterReceivers: Set<SocketRecord>?
    if leaking.count < Evidence.leakThreshold { leaking = [] }
    let asked = askedForRanges(first.earlyBinders, pressure, abilities)
    let unlisted = abilities[.listsBoundSockets] == false ? try UnlistedSockets(host, proc) : nil
    let suspects =
      [unlisted?.records ?? [], asked.others, first.listeners, receivers, blockers, first.tcp, udp] + Array(first.tuples.values)
    func inodes() -> Set<UInt64> { Set((suspects + [Array(leaking)]).joined().map(\.inode)).subtracting([0]) }
    // Whose a socket is can be seen only while it is there.
    let owners = OwnerSearch(host).owners(of: inodes())
    let hasSuspects = !leaking.isEmpty || !receivers.isEmpty
    if hasSuspects || before != nil || countsRefusals, watch > .zero {
      Pause.sleep(watch)
      if hasSuspects {
        let later = try SuspectSockets(reading: proc, settings)
        leaking.formIntersection(later.closeWait)
        laterReceivers = Set(later.receivers)
      }
      let after = try Conntrack.Counters(reading: proc)
      watched = Evidence.Watched(
        seconds: watch / .seconds(1), insertFailed: Self.rise(before?.insertFailed, after?.insertFailed),
        dropped: Self.rise(before?.dropped, after?.dropped), droppedEarly: Self.rise(before?.droppedEarly, after?.droppedEarly))
    }
    let inodes = inodes()
    let refused = refusals()
    var missing = translation.problems + (refused?.problems ?? [])
    if !owners.seesAll, inodes.contains(where: { owners.processes[$0] == nil }) {
      missing.append(
        "\(grouped(inodes.count { owners.processes[$0] == nil })) of \(counted(inodes.count, "socket")) belong to processes that could not be inspected."
      )
    }
    let udpServers = UDPServers(receivers, later: laterReceivers) { owners.holder($0) }
    return Evidence(
      namespace: namespace,
      listeners: Set(
        (first.listeners + udpServers.servers).map { Evidence.Listener($0.transport, $0.localPort, holder: owners.holder($0)) }
      )
      .sorted { ($0.transport.rawValue, $0.port, $0.holder) < ($1.transport.rawValue, $1.port, $1.holder) }
      .reduce(into: []) { list, next in
        if list.last.map({ $0.transport != next.transport || $0.port != next.port }) != false { list.append(next) }
      },
      passingReceivers: owners.counts(udpServers.passing.filter { settings.pool.contains($0.localPort) }),
      earlyBinders: owners.counts(asked.others), leaks: owners.counts(leaking), knowsOwnRanges: asked.isKnown,
      ownRanges: first.earlyBinders.count - asked.others.count,
      unlisted: unlisted.map { unlisted in
        let inPool = unlisted.records.filter { settings.pool.contains($0.localPort) }
        return Evidence.Unlisted(ports: Set(inPool.map(\.localPort)).count, holders: owners.counts(inPool), gap: unlisted.gap)
      }, watched: watched,
      blockers: owners.counts(blockers), tupleHolders: first.tuples.mapValues(owners.counts), bindHolders: owners.counts(first.tcp),
      udpHolders: owners.counts(udp),
      timeWaitBuckets: timeWait.fill.map { Evidence.Fill(used: $0.used, limit: $0.limit) }, timeWaitOverflows: timeWait.overflows,
      conntrack: (conntrack?.fill).map { Evidence.Fill(used: $0.entries, limit: $0.limit) },
      refused: refused?.own.flatMap { own in own[Refusals.self].map { Evidence.Refused($0, in: own.name) } },
      sourceAddresses: try SourceAddresses(reading: proc), exporterPort: exporterPort, ranges: ranges,
      missingRights: missing)
  }

  /// The sockets that have no range of their own, as far as they could be asked: one by one, so only where there are enough to be worth a finding.
  private func askedForRanges(
    _ records: [SocketRecord], _ evidence: Evidence, _ abilities: KernelAbilities
  ) -> (others: [SocketRecord], isKnown: Bool) {
    guard abilities[.hasSocketRange] != false else { return (records, true) }
    guard abilities[.hasSocketRange] == true, evidence.earlyBinderFinding != nil else { return (records, false) }
    let inodes = Set(records.map(\.inode))
    var ranged: Set<UInt64> = []
    let reach = DescriptorSockets(host: host).forEach(inodes.contains) { inode, socket in
      if socket.hasOwnRange { ranged.insert(inode) }
    }
    return (records.filter { !ranged.contains($0.inode) }, reach.isWhole)
  }

  /// What the kernel can do that decides a number, and what it does not list.
  private static func facts(_ abilities: KernelAbilities, _ unlisted: Evidence.Unlisted?) -> [String] {
    let all = abilities.all.map { "\($0.ability.rawValue) \($0.isPresent ? "yes" : "no")" }
    var facts = all.isEmpty ? [] : ["kernel: \(all.joined(separator: ", "))"]
    if let unlisted {
      facts.append(
        "bound sockets: listed nowhere by this kernel; \(counted(unlisted.ports, "pool port")) found by asking programs"
          + (unlisted.gap.map { ", but \($0)" } ?? ""))
    }
    return facts
  }

  private static func rise(_ before: UInt64?, _ after: UInt64?) -> UInt64 {
    guard let before, let after, after > before else { return 0 }
    return after - before
  }

  private func facts(_ evidence: Evidence, _ settings: PoolSettings, _ source: SourceName?) -> [String] {
    var facts = [
      "ip_local_port_range \(settings.range.first)–\(settings.range.last), \(grouped(settings.reservedInRange)) of them reserved"
    ]
    if settings.stepWidth > 0 {
      facts.append(
        "ip_local_port_step_width \(settings.stepWidth): ports are tried in steps, which leaves as many and the same parity first")
    }
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
    } else {
      facts.append("TIME_WAIT: not compared with its limit, because this kernel does not show both (net/sockstat, tcp_max_tw_buckets)")
    }
    if let fact = evidence.receiverFact { facts.append(fact) }
    facts += evidence.addressFacts
    if let source { facts.append("sockets read from \(source.rawValue)") }
    if evidence.watched.seconds > 0 { facts.append("watched for \(Evidence.text(evidence.watched.seconds))") }
    return facts
  }
}
