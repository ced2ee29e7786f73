internal import CBPF
internal import PortModel

/// A namespace that is being counted.
struct CountedNamespace {
  let found: counts_namespace
  /// Its number among those that were found.
  let index: Int
  var report: CountReport

  var id: NetworkNamespaceID { NetworkNamespaceID(rawValue: UInt64(found.inode)) }
}

/// A table of connections, and the slots of the namespaces that use it.
struct ConnectionTable {
  let at: UInt64
  let mask: UInt64
  let slots: [Int]
}

extension SocketCounter {
  /// Chooses which of `count` namespaces are counted, and gives each a slot; the calling thread's own is the first.
  borrowing func choose(_ request: CountRequest, _ count: Int) throws(ReadError) -> [CountedNamespace] {
    let limit = min(room.slots, room.blocks / max(1, request.blocks))
    let preferred = request.others ?? []
    var (indices, rest): ([Int], [Int]) = ([], [])
    for index in 0..<count {
      let id = unsafe NetworkNamespaceID(rawValue: UInt64(cbpf_namespace(namespaces.start, UInt32(index)).pointee.inode))
      if request.own != nil && index == 0 || preferred.contains(id) { indices.append(index) } else { rest.append(index) }
    }
    unsafe cbpf_count_none(namespaces.start)
    var chosen: [CountedNamespace] = []
    for index in (indices + rest).prefix(limit) {
      let slot = chosen.count
      guard unsafe cbpf_count_namespace(namespaces.start, UInt32(index), UInt32(slot)) == 0 else { continue }
      let found: counts_namespace = unsafe cbpf_namespace(namespaces.start, UInt32(index)).pointee
      chosen.append(CountedNamespace(found: found, index: index, report: CountReport(slot: slot, blocks: request.blocks)))
    }
    guard !chosen.isEmpty else { throw Self.changed("no namespace was found") }
    return chosen
  }

  /// The settings of other namespaces.
  borrowing func readSettings(_ counted: inout [CountedNamespace], _ request: CountRequest) throws(ReadError) {
    for slot in counted.indices.dropFirst(request.own == nil ? 0 : 1) {
      let found = counted[slot].found
      guard let range = PortRange(first: found.first_port, last: found.last_port) else {
        counted[slot].report.problem = "its range is not \(found.first_port)–\(found.last_port)"
        continue
      }
      var reserved = PortSet()
      if try copyReservedPorts.run(found.reserved) == 0 {
        let words: UnsafePointer<UInt64> = unsafe cbpf_copied_ports(copied.start)
        for index in 0..<1024 where unsafe words[index] != 0 { unsafe reserved.insert(word: words[index], at: index) }
      }
      counted[slot].report.settings = PoolSettings(
        range: range, reserved: reserved,
        timeWaitReuse: TimeWaitReuse(
          mode: TimeWaitReuse.Mode(rawValue: found.time_wait_reuse), delay: found.time_wait_delay, hasTimestamps: found.timestamps != 0),
        isIPv6OnlyByDefault: found.ipv6_only != 0, stepWidth: found.step_width)
    }
  }

  /// The tables that all share, and each table of connections: a namespace may have one of its own (`tcp_child_ehash_entries`).
  borrowing func findTables(
    _ counted: inout [CountedNamespace], _ request: CountRequest
  ) throws(ReadError) -> (shared: counts_copied, connections: [ConnectionTable]) {
    var slots: [UInt64: [Int]] = [:]
    for (slot, namespace) in counted.enumerated() { slots[namespace.found.hashinfo, default: []].append(slot) }
    // The own one's is there for as long as this thread is in it, and the one that most share for as long as the kernel.
    let most = slots.max { $0.value.count < $1.value.count }?.key
    let main = request.own == nil ? most ?? 0 : counted[0].found.hashinfo
    let shared = try tables(main)
    var connections = [ConnectionTable(at: shared.ehash, mask: shared.ehash_mask, slots: slots[main] ?? [])]
    for (hashinfo, slots) in slots where hashinfo != main {
      do throws(ReadError) {
        let own = try tables(hashinfo)
        guard own.bhash == shared.bhash, own.lhash2 == shared.lhash2 else { throw Self.changed("a namespace has tables of its own") }
        connections.append(ConnectionTable(at: own.ehash, mask: own.ehash_mask, slots: slots))
      } catch {
        for slot in slots { counted[slot].report.problem = "\(error)" }
      }
    }
    return (shared, connections)
  }

  borrowing func tables(_ hashinfo: UInt64) throws(ReadError) -> counts_copied {
    _ = try copyTables.run(hashinfo)
    let tables = unsafe copied.elements(counts_copied.self).pointee
    for size in [tables.ehash_mask + 1, tables.bhash_size, tables.lhash2_mask + 1] {
      guard size <= Self.mostBuckets, size.nonzeroBitCount == 1 else { throw Self.changed("a table has \(size) buckets") }
    }
    return tables
  }

  /// Enters the addresses of the namespaces that were found, from number `first` on.
  borrowing func findOwnAddresses(
    _ counted: inout [CountedNamespace], from first: Int, _ count: Int, _ clock: CountClock
  ) throws(ReadError) {
    let totals = unsafe self.totals.elements(counts_totals.self)
    var next = first
    while next < count {
      try clock.check()
      let step = try findOwnAddresses.run(UInt64(next), UInt64(count - next))
      let isCut = unsafe totals.pointee.out_of_budget != 0
      unsafe totals.pointee.out_of_budget = 0
      guard step > 0 || isCut, step >= 0, step <= count - next else { throw Self.changed("there is no end to its devices") }
      next += step
      guard step == 0 else { continue }
      if let slot = counted.firstIndex(where: { $0.index == next }) { counted[slot].report.problem = Self.tooManyAddresses }
      next += 1
    }
  }

  static var tooManyAddresses: String { "a namespace has too many addresses of its own to be counted in the kernel" }

  /// The namespaces that are there now, by address.
  borrowing func namespacesNow() throws(ReadError) -> [UInt64: counts_namespace] {
    let count = try findNamespaces.run(UInt64(COUNTS_NAMESPACES))
    var result: [UInt64: counts_namespace] = [:]
    for index in 0..<max(0, min(count, COUNTS_NAMESPACES)) {
      let found: counts_namespace = unsafe cbpf_namespace(namespaces.start, UInt32(index)).pointee
      result[found.address] = found
    }
    return result
  }
}
