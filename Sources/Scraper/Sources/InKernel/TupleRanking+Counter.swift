internal import Kernel
internal import PortModel

extension TupleRanking {
  /// The tuples that were counted in the kernel, each as a connect() meets it: those on the VRF that its device is in and those on no device are in its way
  /// too.
  init(_ counter: borrowing SocketCounter, _ report: CountReport, _ capacities: DeviceCapacities, limit: Int?) {
    self.init(limit: limit)
    var own: [TupleKey: TupleEntry] = [:]
    counter.forEachTuple(report) { tuple in
      let entry = TupleEntry(tuple, capacities)
      if entry.key.device == 0 { consider(entry) } else { own[entry.key] = entry }
    }
    guard !own.isEmpty else { return }
    let onDevices = Array(own.values)
    let wanted = Set(own.keys.map(\.onNoDevice))
    counter.forEachTuple(report) { tuple in
      guard tuple.device == 0 else { return }
      let entry = TupleEntry(tuple, capacities)
      if wanted.contains(entry.key) { own[entry.key] = entry }
    }
    var overlaps: [TupleKey: TupleEntry] = [:]
    counter.forEachOverlap(report) { tuple in
      let entry = TupleEntry(tuple, capacities)
      overlaps[entry.key] = entry
    }
    /// A tuple as it is met; `nil` if it has no sockets.
    func met(_ key: TupleKey) -> TupleEntry? {
      guard let device = capacities.devices[key.device] else { return own[key] }
      let none = device.meetsNone ? own[key.onNoDevice] : nil
      let others = device.vrf == 0 || device.vrf == key.device ? none : met(key.on(device.vrf)) ?? none
      guard let entry = own[key], let others else { return own[key] ?? others }
      // Where it is not known which ports both hold, at least those of the fuller are taken.
      guard report.missesOverlaps else { return entry.meeting(others, less: overlaps[key]) }
      return entry.held < others.held ? entry.with(others) : entry
    }
    for entry in onDevices { consider(met(entry.key) ?? entry) }
  }
}

extension TupleKey {
  fileprivate func on(_ device: UInt32) -> TupleKey {
    TupleKey(source: source, destination: destination, destinationPort: destinationPort, device: device)
  }
}

extension TupleEntry {
  fileprivate init(_ tuple: CountedTuple, _ capacities: DeviceCapacities) {
    self.init(
      TupleKey(source: tuple.source, destination: tuple.destination, destinationPort: tuple.destinationPort, device: tuple.device),
      isLocal: false)
    capacity = UInt16(clamping: capacities[tuple.device].connect)
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
  fileprivate func with(_ other: TupleEntry) -> TupleEntry {
    var entry = TupleEntry(key, isLocal: isLocal)
    entry.capacity = capacity
    return entry.meeting(other, less: nil)
  }
}
