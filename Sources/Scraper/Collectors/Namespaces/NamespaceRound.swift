internal import Kernel
internal import PortModel

/// What one round through the namespaces has seen so far.
struct NamespaceRound {
  private(set) var namespaces: [NamespaceSnapshot] = []
  var census = NamespaceCensus()
  var problems: [String] = []
  /// Processes whose namespace could not be determined.
  var hiddenProcesses = 0
  /// Why the thread was not let into some namespace.
  var refusal: SystemCallError?
  /// Namespaces that the scrape's deadline left no time for.
  var late = 0
  /// A report of a source that was not the preferred one.
  private var sourceRemark: String?

  /// One that was looked at, with how its collectors fared.
  mutating func add(_ known: KnownNamespace, _ totals: SocketTotals, _ look: NamespaceLook, _ reports: [CollectorOutcome], isWalked: Bool) {
    if isWalked { census.walked += 1 } else { census.calm += 1 }
    var outcomes = look.view.settings == nil ? [] : [CollectorOutcome(collector: .settings, duration: 0)]
    for report in reports {
      if let problem = report.problem { problems.append("namespace \(known.found.label): \(problem)") }
      sourceRemark = sourceRemark ?? report.remark
      if report.source != nil { outcomes.append(CollectorOutcome(collector: report.collector, source: report.source, duration: 0)) }
    }
    namespaces.append(
      look.found.snapshot(
        name: known.found.label, settings: look.view.settings, namedRanges: look.run.configuration.namedRanges, outcomes: outcomes,
        visit: NamespaceVisit(id: known.found.id, identity: known.identity, totals: totals, isWalked: isWalked)))
  }

  mutating func skip(_ totals: SocketTotals) {
    census.skipped += 1
    let sum = census.skippedSockets
    census.skippedSockets = SocketTotals(tcp: sum.tcp + totals.tcp, udp: sum.udp + totals.udp, holders: sum.holders + totals.holders)
  }

  mutating func fail(_ namespace: FoundNamespace, _ error: ReadError) {
    problems.append("namespace \(namespace.label): \(error)")
  }

  /// What went wrong: the first sentence, and how many more there are.
  var problem: String? {
    var all = problems
    if late > 0 {
      all.append("\(late) namespaces: not read before the scrape's deadline; lower --namespaces.max or raise --namespaces.walk-share")
    }
    guard let first = all.first else { return nil }
    return all.count == 1 ? first : "\(first); and \(all.count - 1) more"
  }

  /// What is missing for want of a right. Without numbers that change at every scrape, so that it is logged once.
  var remark: String? {
    var remarks: [String] = []
    if hiddenProcesses > 0 {
      remarks.append(
        "some processes may not be looked at, and namespaces that only they are in are missing: that takes root or CAP_SYS_PTRACE")
    }
    if let refusal {
      remarks.append(
        "\(refusal.call): \(refusal.message): without CAP_SYS_ADMIN the settings of other namespaces cannot be read: counts and no headroom"
      )
    }
    if let sourceRemark { remarks.append(sourceRemark) }
    return remarks.isEmpty ? nil : remarks.joined(separator: "; ")
  }
}
