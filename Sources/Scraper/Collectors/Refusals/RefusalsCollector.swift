internal import Kernel
internal import PortModel

/// Reads what the kernel has refused for want of a port since this process counts it: on the whole host, whatever namespaces others look at.
///
/// Nothing can be read of what happened before, or while nobody counted. The counter begins with the process where it may, else with the first snapshot.
final class RefusalsCollector: Collector {
  static let name = CollectorName.refusals
  static let isDefault = false
  static let help = "Ports that the kernel refused to programs of any namespace, counted in the kernel"
  static let reach = CollectorReach.ownNamespace

  private let proc: ProcFileSystem
  private let directory: String
  private let report: @Sendable () throws(ReadError) -> RefusalCounter.Reading
  private var names = RefusalNames()

  convenience init(_ configuration: ScraperConfiguration) {
    self.init(configuration) { () throws(ReadError) in try RefusalCounter.reading() }
  }

  /// - Parameter report: what was counted.
  init(_ configuration: ScraperConfiguration, _ report: @escaping @Sendable () throws(ReadError) -> RefusalCounter.Reading) {
    proc = configuration.proc
    directory = configuration.namespaces.directory
    self.report = report
  }

  func collect(_ look: inout NamespaceLook) throws(ReadError) -> CollectorReport {
    guard proc.isLive else { throw .refused("ports are refused by the running kernel, and \(proc.root) is a copy of another's files") }
    let reading = try report()
    names.find(reading.counts.namespaces, own: proc.viewedNamespace, label: OwnNamespace.label(proc), in: directory)
    look.collected[Refusals.self] = Refusals(reading, names, own: OwnNamespace.label(proc))
    return CollectorReport(remark: reading.remark)
  }
}

/// What namespaces are called. The name that one was given when it was first seen stays: a series must not change its name, or its count would seem new.
struct RefusalNames {
  private var names: [RefusalCounts.Namespace: String] = [:]

  subscript(namespace: RefusalCounts.Namespace) -> String { names[namespace] ?? "\(namespace.id.rawValue)" }

  /// Finds names for those that have none yet.
  mutating func find(
    _ namespaces: [RefusalCounts.Namespace: RefusalCounts.InNamespace], own: NetworkNamespaceID?, label: String, in directory: String
  ) {
    names = names.filter { namespaces[$0.key] != nil }
    let unnamed = namespaces.keys.filter { names[$0] == nil }
    guard !unnamed.isEmpty else { return }
    var found: [NetworkNamespaceID: FoundNamespace] = [:]
    if unnamed.contains(where: { $0.id != own }) {
      for name in (try? Directory.names(in: directory)) ?? [] {
        guard let id = try? NamespaceFile.id(of: "\(directory)/\(name)") else { continue }
        found[id, default: FoundNamespace(id: id)].note(name)
      }
    }
    for namespace in unnamed {
      names[namespace] = namespace.id == own ? label : found[namespace.id]?.label ?? "\(namespace.id.rawValue)"
    }
  }
}

extension Refusals {
  /// The most namespaces that are shown, and cases.
  private static let limits = (namespaces: 100, cases: 100)

  init(_ reading: RefusalCounter.Reading, _ names: RefusalNames, own: String) {
    func seconds(_ last: UInt64) -> Int64 { (Int64(clamping: last) &+ reading.epoch) / 1_000_000_000 }
    var counts = reading.counts
    counts.forget(namespacesBeyond: .max, casesBeyond: .max)
    let latest = counts.namespaces.sorted { $0.value.last > $1.value.last }
    var namespaces: [Refusals.Namespace] = []
    for (namespace, value) in latest where !namespaces.contains(where: { $0.name == names[namespace] }) {
      namespaces.append(.init(name: names[namespace], counts: value.counts, last: seconds(value.last)))
    }
    let mine = namespaces.first { $0.name == own } ?? .init(name: own, counts: .init(), last: nil)
    var shown = [mine] + namespaces.filter { $0.name != own }.prefix(Self.limits.namespaces)
    if reading.elsewhere.total > 0 { shown.append(.init(name: Self.other, counts: reading.elsewhere, last: nil)) }
    let cases = counts.cases.map { each, value in
      Case(
        namespace: names[each.namespace], kind: each.kind, tuple: each.tuple, program: each.program, count: value.count,
        last: seconds(value.last))
    }
    let first = cases.sorted(by: Case.isBefore).prefix(Self.limits.cases)
    self.init(kinds: reading.kinds, namespaces: shown, cases: Array(first), missed: reading.missed)
  }
}

extension Refusals.Case {
  /// The most first; equals in an order that stays.
  fileprivate static func isBefore(_ left: Refusals.Case, _ right: Refusals.Case) -> Bool {
    if left.count != right.count { return left.count > right.count }
    if left.last != right.last { return left.last > right.last }
    return (left.namespace, left.title, left.program) < (right.namespace, right.title, right.program)
  }
}
