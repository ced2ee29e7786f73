internal import Kernel
internal import PortModel

extension TupleRanking {
  /// The tuples that were counted in the kernel, each as a connect() meets it: on a device, those on none are in its way too.
  init(_ counter: borrowing SocketCounter, _ report: CountReport, limit: Int?) {
    self.init(limit: limit)
    var onDevices: [TupleEntry] = []
    counter.forEachTuple { tuple in
      let entry = TupleEntry(tuple)
      if entry.key.device == 0 { consider(entry) } else { onDevices.append(entry) }
    }
    guard !onDevices.isEmpty else { return }
    let wanted = Set(onDevices.map(\.key.onNoDevice))
    var others: [TupleKey: TupleEntry] = [:]
    counter.forEachTuple { tuple in
      let entry = TupleEntry(tuple)
      if wanted.contains(entry.key) { others[entry.key] = entry }
    }
    var overlaps: [TupleKey: TupleEntry] = [:]
    if !others.isEmpty {
      counter.forEachOverlap { tuple in
        let entry = TupleEntry(tuple)
        overlaps[entry.key] = entry
      }
    }
    for entry in onDevices {
      guard let other = others[entry.key.onNoDevice] else {
        consider(entry)
        continue
      }
      // Where it is not known which ports both hold, at least those of the fuller are taken.
      guard report.missesOverlaps else {
        consider(entry.meeting(other, less: overlaps[entry.key]))
        continue
      }
      consider(entry.held < other.held ? entry.with(other) : entry)
    }
  }
}

extension TupleEntry {
  fileprivate init(_ tuple: CountedTuple) {
    self.init(
      TupleKey(source: tuple.source, destination: tuple.destination, destinationPort: tuple.destinationPort, device: tuple.device),
      isLocal: false)
    used = tuple.used
    reusable = tuple.reusable
    firstParityUsed = tuple.firstParityUsed
    firstParityReusable = tuple.firstParityReusable
    returning = (tuple.returning[0], tuple.returning[1], tuple.returning[2], tuple.returning[3])
    // The kernel takes over what it has seen timestamps of, and nothing else was counted as reusable.
    if reusable > 0 { timestamps = .used }
  }

  /// This and another entry, less what both count of the same ports.
  fileprivate func meeting(_ other: TupleEntry, less overlap: TupleEntry?) -> TupleEntry {
    func sum(_ field: KeyPath<TupleEntry, UInt16>) -> UInt16 {
      UInt16(clamping: Int(self[keyPath: field]) + Int(other[keyPath: field]) - Int(overlap?[keyPath: field] ?? 0))
    }
    var together = self
    together.used = sum(\.used)
    together.reusable = sum(\.reusable)
    together.firstParityUsed = sum(\.firstParityUsed)
    together.firstParityReusable = sum(\.firstParityReusable)
    together.returning = (sum(\.returning.0), sum(\.returning.1), sum(\.returning.2), sum(\.returning.3))
    if together.reusable > 0 { together.timestamps = .used }
    return together
  }

  /// This tuple with the counts of another.
  fileprivate func with(_ other: TupleEntry) -> TupleEntry { TupleEntry(key, isLocal: isLocal).meeting(other, less: nil) }
}
