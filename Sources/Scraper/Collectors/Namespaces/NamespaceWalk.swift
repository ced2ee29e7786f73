internal import Kernel
internal import PortModel

/// One walk through the namespaces of the host, for one snapshot.
///
/// The thread that does it goes into a namespace and uses sockets of its own there. None is kept: an open netlink socket would keep a container's
/// namespace, and its interfaces, alive after the container. Going in costs 8 µs, opening the socket 6 µs (Linux 6.18).
struct NamespaceWalk: ~Copyable {
  private let run: SnapshotRun
  private let options: NamespaceOptions
  /// What runs in every namespace that is shown, and what runs in those whose sockets are read.
  private let everywhere: [any Collector]
  private let walking: [any Collector]
  /// What a pool is compared with if its settings cannot be read.
  private let assumedCapacity: Int
  private var visitor: NamespaceVisitor
  private var memory: NamespaceMemory
  private var round = NamespaceRound()
  /// The settings of a namespace could not be read.
  private var lacksSettings = false

  init(_ visitor: consuming NamespaceVisitor, _ run: SnapshotRun, _ memory: NamespaceMemory, ownCapacity: Int?) {
    self.visitor = visitor
    self.run = run
    self.memory = memory
    options = run.configuration.namespaces
    assumedCapacity = ownCapacity ?? PortRange.linuxDefault.count
    // Who asks for namespaces and names no kind of socket means both.
    let isAlone = run.chosen.isDisjoint(with: [.tcp, .udp])
    everywhere = run.collectors.filter { type(of: $0).reach == .everyNamespace && run.runs($0) }
    walking = run.collectors.filter { collector in
      let kind = type(of: collector)
      return kind.reach == .walkedNamespaces && (run.runs(collector) || isAlone && [.tcp, .udp].contains(kind.name))
    }
  }

  /// What the walk has seen, and what is to be kept for the next one.
  consuming func end() -> (round: NamespaceRound, memory: NamespaceMemory) { (round, memory) }

  /// Looks at every namespace that the options name, those with the most sockets first.
  mutating func go() {
    let found: NamespaceSearch.Result
    do throws(ReadError) { found = try visitor.search.run() } catch {
      round.problems.append(error.description)
      return
    }
    round.hiddenProcesses = found.hiddenProcesses
    memory.retain(found.namespaces)
    run.sources.retain(Set(found.namespaces.map(\.id)))
    var candidates: [Candidate] = []
    for namespace in found.namespaces {
      guard !run.deadline.hasPassed else {
        round.late += 1
        continue
      }
      if let candidate = count(namespace, found.processes[namespace.id] ?? []) { candidates.append(candidate) }
    }
    // A pool in trouble has many sockets.
    candidates.sort { ($0.totals.holders, $1.known.found.id.rawValue) > ($1.totals.holders, $0.known.found.id.rawValue) }
    for candidate in candidates.dropFirst(options.maximum) { round.skip(candidate.totals) }
    for candidate in candidates.prefix(options.maximum) {
      guard !run.deadline.hasPassed else {
        round.late += 1
        continue
      }
      look(at: candidate)
    }
    // Who need not go in has not been refused anything.
    if lacksSettings { round.refusal = visitor.refusal }
  }

  /// Who a namespace is, and how many sockets it has. `nil` if it is not to be shown, or is gone.
  ///
  /// - Parameter processes: all that were found in it.
  private mutating func count(_ namespace: FoundNamespace, _ processes: [Int32]) -> Candidate? {
    var known = memory[namespace] ?? KnownNamespace(found: namespace, identity: visitor.identity(of: namespace))
    memory.keep(known)
    guard options.allows(namespace.label, known.identity) else {
      round.census.excluded += 1
      return nil
    }
    // The first process may have ended just now, and others be there still.
    for _ in 0..<2 {
      if known.found.pid == nil, !visitor.enter(known.found) {
        round.census.unreadable += 1
        return nil
      }
      guard let view = visitor.view(of: known.found) else { return nil }
      do throws(ReadError) {
        guard let totals = try SocketTotals(reading: view) else { throw ReadError.systemCall(.unsupported("sockstat is missing or empty")) }
        if visitor.isThere(known.found) { return Candidate(known: known, totals: totals) }
      } catch {
        if visitor.isThere(known.found) {
          round.fail(known.found, error)
          return nil
        }
      }
      let pid = processes.first { visitor.search.isIn(known.found.id, $0) }
      if pid == nil, known.found.name == nil { return nil }
      known.found.pid = pid
    }
    return nil
  }

  private mutating func look(at candidate: Candidate) {
    do throws(ReadError) {
      try read(candidate)
    } catch {
      if case .deadline = error {
        round.late += 1
      } else if visitor.isThere(candidate.known.found) {
        round.fail(candidate.known.found, error)
      }
    }
  }

  /// - Throws: why the namespace cannot be shown.
  private mutating func read(_ candidate: Candidate) throws(ReadError) {
    var known = candidate.known
    let counted = countedOutside(candidate)
    let pool: PoolSettings?
    if let counted {
      pool = counted.settings
    } else {
      pool = try visitor.settings(of: &known, mayKeep: options.keepsSettingsOpen && memory.mayOpenMore)
      memory.keep(known)
      if pool == nil { lacksSettings = true }
    }
    let isFull = Double(candidate.totals.holders) >= options.walkShare * Double(pool?.capacity ?? assumedCapacity)
    let isWalked = counted != nil || isFull
    // What is counted already costs nothing more, however few sockets there are.
    func isCounted(_ collector: any Collector) -> Bool { counted?.collectors.contains(type(of: collector).name) == true }
    let looking = isFull ? walking : walking.filter(isCounted)
    let readsSockets = !looking.allSatisfy(isCounted)
    if readsSockets || !everywhere.isEmpty { _ = visitor.enter(known.found) }
    // A calm namespace is shown by its totals, whether there is still a way to its files or not.
    let proc = visitor.view(of: known.found)
    if isWalked, proc == nil { return }
    var view = NamespaceView(
      id: known.found.id, proc: proc ?? run.configuration.proc, isInside: visitor.isInside(known.found), abilities: run.abilities)
    if let pool {
      view.settings = NamespaceSettings(
        pool: pool, localAddresses: readsSockets ? try LocalAddresses(reading: view.proc) : LocalAddresses())
    }
    var look = NamespaceLook(view, run)
    var outcomes: [CollectorOutcome] = []
    if proc != nil {
      for collector in everywhere { outcomes.append(look.collect(collector)) }
      // Half a count of sockets would be taken for a whole one.
      for collector in looking { outcomes.append(try look.collectOrThrow(collector)) }
      guard outcomes.isEmpty || visitor.isThere(known.found) else { return }
    }
    round.add(known, candidate.totals, look, outcomes, isWalked: isWalked)
  }

  /// A namespace whose sockets need not be read, as they have been counted; `nil` if they have not, or nobody wants them.
  private func countedOutside(_ candidate: Candidate) -> CountedOutside? {
    guard walking.contains(where: { [.tcp, .udp].contains(type(of: $0).name) }), let proc = visitor.view(of: candidate.known.found) else {
      return nil
    }
    let view = NamespaceView(id: candidate.known.found.id, proc: proc, isInside: false, abilities: run.abilities)
    return run.sources.fromOutside(view, candidate.totals, until: run.deadline)
  }
}

/// A namespace that may be shown.
private struct Candidate {
  let known: KnownNamespace
  let totals: SocketTotals
}
