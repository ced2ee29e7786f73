internal import Exposition
internal import PortModel

/// What the kernel refused for want of a port, in all namespaces.
struct RefusalsDescriber: CollectorDescriber {
  let collector = CollectorName.refusals
  /// How many destinations get a series of their own, and how many programs.
  let top: Int

  /// What is counted is there as 0 for the exporter's own namespace, and of others what was refused in them.
  func describe(_ snapshot: PoolSnapshot, in metrics: inout MetricSet) {
    guard let refusals = snapshot.refusals else { return }
    for namespace in refusals.namespaces {
      for kind in refusals.kinds { metrics.add(MetricCatalog.refused, namespace.name, kind.rawValue, value: namespace.counts[kind]) }
    }
    if let missed = refusals.missed { metrics.add(MetricCatalog.refusedMissed, value: missed) }
    // Without their peers they have no names to tell them apart.
    let destinations = Self.sums(refusals.cases.filter { $0.kind.hasDestination && !$0.tuple.isPeerHidden }) {
      Destination(namespace: $0.namespace, tuple: $0.tuple)
    }
    for (key, count) in destinations.prefix(top) {
      metrics.add(
        MetricCatalog.refusedDestinations, key.namespace, key.tuple.sourceText, key.tuple.destination.description,
        "\(key.tuple.destinationPort)", value: count)
    }
    for (key, count) in Self.sums(refusals.cases, { Program(namespace: $0.namespace, name: $0.program) }).prefix(top) {
      metrics.add(MetricCatalog.refusedPrograms, key.namespace, key.name, value: count)
    }
  }

  private struct Destination: Hashable {
    let namespace: String
    let tuple: Tuple
  }

  private struct Program: Hashable {
    let namespace: String
    let name: String
  }

  /// The cases added up by `key`, the most first; equals in the order of the cases.
  private static func sums<Key: Hashable>(_ cases: [Refusals.Case], _ key: (Refusals.Case) -> Key) -> [(key: Key, count: UInt64)] {
    var sums: [Key: UInt64] = [:]
    var order: [Key] = []
    for each in cases {
      let key = key(each)
      if sums[key] == nil { order.append(key) }
      sums[key, default: 0] &+= each.count
    }
    let all = order.enumerated().map { (place: $0, key: $1, count: sums[$1] ?? 0) }
    return all.sorted { ($1.count, $0.place) < ($0.count, $1.place) }.map { ($0.key, $0.count) }
  }
}
