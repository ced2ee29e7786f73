internal import Kernel
internal import PortModel

/// Reads every other network namespace of the host, one after the other, for one snapshot.
///
/// The thread that does it goes into a namespace and uses sockets of its own there. None is kept: an open netlink socket would keep a container's
/// namespace, and its interfaces, alive after the container. Going in costs 8 µs, opening the socket 6 µs (Linux 6.18).
struct NamespaceCollector {
  let configuration: ScraperConfiguration
  private let readsTCP: Bool
  private let readsUDP: Bool
  private let readsOwners: Bool
  /// What a pool is compared with whose settings cannot be read.
  private let assumedCapacity: Int

  init(_ configuration: ScraperConfiguration, collectors: Set<CollectorName>, ownCapacity: Int?) {
    self.configuration = configuration
    let isAlone = collectors.isDisjoint(with: [.tcp, .udp])
    readsTCP = isAlone || collectors.contains(.tcp)
    readsUDP = isAlone || collectors.contains(.udp)
    readsOwners = collectors.contains(.owners)
    assumedCapacity = ownCapacity ?? PortRange.linuxDefault.count
  }

  struct Result {
    var namespaces: [NamespaceSnapshot] = []
    var census = NamespaceCensus()
    var outcome: CollectorOutcome
  }

  func collect(
    _ tallies: inout Tallies, _ memory: inout NamespaceMemory, _ names: inout OwnerNames, until deadline: Deadline
  ) -> Result {
    let start = ContinuousClock.now
    var round = NamespaceRound()
    do throws(SystemCallError) {
      try NamespaceThread.run { thread in
        let search = NamespaceSearch(proc: configuration.proc, directory: configuration.namespaces.directory)
        var visitor = NamespaceVisitor(thread, search)
        run(&round, &visitor, &tallies, &memory, &names, deadline)
      }
    } catch {
      round.problems.append(error.description)
    }
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    return Result(
      namespaces: round.namespaces.sorted { $0.name < $1.name }, census: round.census,
      outcome: CollectorOutcome(collector: .namespaces, duration: seconds, problem: round.problem, remark: round.remark))
  }

  private func run(
    _ round: inout NamespaceRound, _ visitor: inout NamespaceVisitor, _ tallies: inout Tallies, _ memory: inout NamespaceMemory,
    _ names: inout OwnerNames, _ deadline: Deadline
  ) {
    let found: NamespaceSearch.Result
    do { found = try visitor.search.run() } catch {
      round.problems.append(error.description)
      return
    }
    round.hiddenProcesses = found.hiddenProcesses
    memory.retain(found.namespaces)
    var candidates: [Candidate] = []
    for namespace in found.namespaces {
      if let candidate = count(namespace, &round, &visitor, &memory) { candidates.append(candidate) }
    }
    // A pool in trouble has many sockets.
    candidates.sort { ($0.totals.holders, $1.known.found.id.rawValue) > ($1.totals.holders, $0.known.found.id.rawValue) }
    for candidate in candidates.dropFirst(configuration.namespaces.maximum) { round.skip(candidate.totals) }
    for candidate in candidates.prefix(configuration.namespaces.maximum) {
      guard !deadline.hasPassed else {
        round.late += 1
        continue
      }
      look(at: candidate, &round, &visitor, &tallies, &memory, &names, deadline)
    }
    round.refusal = visitor.refusal
  }

  /// Who a namespace is, and how many sockets it has. `nil` when it is not to be shown, or has gone.
  private func count(
    _ namespace: FoundNamespace, _ round: inout NamespaceRound, _ visitor: inout NamespaceVisitor, _ memory: inout NamespaceMemory
  ) -> Candidate? {
    var namespace = namespace
    let known = memory[namespace] ?? KnownNamespace(found: namespace, identity: visitor.identity(of: namespace))
    memory.keep(known)
    guard configuration.namespaces.allows(namespace.label, known.identity) else {
      round.census.excluded += 1
      return nil
    }
    // The first process may have ended just now, and others be there still.
    for _ in 0..<2 {
      if namespace.pid == nil, !visitor.enter(namespace) {
        round.census.unreadable += 1
        return nil
      }
      guard let view = visitor.view(of: namespace) else { return nil }
      do throws(ReadError) {
        let totals = try SocketTotals(reading: view)
        if visitor.isThere(namespace) {
          return Candidate(
            known: KnownNamespace(found: namespace, identity: known.identity, sysctls: known.sysctls, source: known.source), totals: totals)
        }
      } catch {
        if visitor.isThere(namespace) {
          round.fail(namespace, error)
          return nil
        }
      }
      guard let pid = visitor.search.process(in: namespace.id) else {
        if namespace.name == nil { return nil }
        namespace.pid = nil
        continue
      }
      namespace.pid = pid
    }
    return nil
  }

  private func look(
    at candidate: Candidate, _ round: inout NamespaceRound, _ visitor: inout NamespaceVisitor, _ tallies: inout Tallies,
    _ memory: inout NamespaceMemory, _ names: inout OwnerNames, _ deadline: Deadline
  ) {
    var known = candidate.known
    do throws(ReadError) {
      let pool = try visitor.settings(of: &known, mayKeep: memory.mayOpenMore)
      memory.keep(known)
      let share = configuration.namespaces.walkShare * Double(pool?.capacity ?? assumedCapacity)
      guard Double(candidate.totals.holders) >= share else {
        round.add(known, candidate.totals, pool)
        return
      }
      let isInside = visitor.enter(known.found)
      guard let view = visitor.view(of: known.found) else { return }
      let settings: NamespaceSettings? =
        if let pool { NamespaceSettings(pool: pool, localAddresses: try NamespaceSettings.addresses(view)) } else { nil }
      // inet_diag answers for the namespace of the thread that asks.
      let source = (isInside ? known.source : nil) ?? (isInside ? configuration.source : .proc).source(view, mayUseNetlink: isInside)
      if isInside {
        known.source = source
        memory.keep(known)
      }
      let tcp = readsTCP ? try tallies.readTCP(from: source, settings, configuration, until: deadline) : nil
      let udp = readsUDP ? try tallies.readUDP(from: source, settings, configuration, until: deadline) : nil
      var owners: [OwnerUsage]?
      if readsOwners, isInside, let pool {
        owners = try OwnerSource(configuration: configuration).usage(pool, &names, until: deadline)
      }
      guard visitor.isThere(known.found) else { return }
      round.add(known, candidate.totals, pool, tcp: tcp, udp: udp, owners: owners)
    } catch {
      if case .deadline = error {
        round.late += 1
      } else if visitor.isThere(known.found) {
        round.fail(known.found, error)
      }
    }
  }
}

/// A namespace that may be shown.
private struct Candidate {
  let known: KnownNamespace
  let totals: SocketTotals
}
