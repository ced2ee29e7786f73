internal import CBPF
internal import Glibc
package import PortModel

/// What is to be counted.
package struct CountRequest: Sendable {
  /// The ports that the kernel hands out, and the range that they are of; sockets are counted whatever they say.
  package let pool: PortSet
  package let range: PortRange?
  /// Which class each port is in, by port; classes are counted apart.
  package let classes: [UInt8]
  package let localAddresses: LocalAddresses

  package static let classLimit = COUNTS_CLASSES

  package init(pool: PortSet, range: PortRange?, classes: [UInt8], localAddresses: LocalAddresses) {
    self.pool = pool
    self.range = range
    self.classes = classes
    self.localAddresses = localAddresses
  }
}

/// How a count went; what it counted is read from the counter.
package struct CountReport: Sendable, Hashable {
  /// More tuples than there is room for: the large ones are counted exactly, and ``tupleCounts`` is estimated.
  package let isEstimated: Bool
  /// A tuple may be missing that is as full as those that were counted.
  package let missesTuples: Bool
  package let tupleCounts: [AddressFamily: Int]
  /// There are more local addresses than there is room for.
  package let missesAddresses: Bool
  /// Sockets are bound to more devices than there is room for: tuples are missing.
  package let missesDevices: Bool
  /// Of some sockets on a device it is not known whether others on none share their port.
  package let missesOverlaps: Bool
  /// More ports are closed to connect() in VRFs than there is room for.
  package let missesVRFPorts: Bool
}

extension SocketCounter {
  /// How long a count may take. One of a million sockets takes a tenth of a second.
  private static var longest: Duration { .seconds(10) }
  /// A table of the kernel has at most as many buckets.
  private static var mostBuckets: UInt64 { 1 << 26 }
  /// How many walks of the established connections a count may take.
  private static var mostWalks: Int { 4 }
  /// Which of the slots the calling thread's namespace is counted in.
  static var slot: UInt32 { 0 }

  /// Counts the TCP sockets of the calling thread's namespace.
  ///
  /// - Throws: ``ReadError/refused(_:)`` if what is found in the kernel cannot be right.
  package borrowing func count(_ request: CountRequest, until deadline: Deadline) throws(ReadError) -> CountReport {
    let settings = unsafe self.settings.elements(counts_settings.self)
    let totals = unsafe self.totals.elements(counts_totals.self)
    let copied = unsafe self.copied.elements(counts_copied.self)
    let clock = Clock(deadline: deadline, end: .now + Self.longest)

    let found = try findNamespaces.run(1)
    let own: counts_namespace = unsafe cbpf_namespace(namespaces.start, 0).pointee
    guard found == 1, own.address != 0 else { throw Self.changed("no namespace was found") }
    if let range = request.range {
      guard own.first_port == range.first, own.last_port == range.last else {
        throw Self.changed("the range is not \(own.first_port)–\(own.last_port)")
      }
    }
    unsafe cbpf_count_none(namespaces.start)
    guard unsafe cbpf_count_namespace(namespaces.start, 0, Self.slot) == 0 else { throw Self.changed("no namespace was found") }
    _ = try copyTables.run(own.hashinfo)
    let tables = unsafe copied.pointee
    for size in [tables.ehash_mask + 1, tables.bhash_size, tables.lhash2_mask + 1] {
      guard size <= Self.mostBuckets, size.nonzeroBitCount == 1 else { throw Self.changed("a table has \(size) buckets") }
    }
    try prepare(request)
    try begin(isFirst: true)
    try clock.walk(countBinds, tables.bhash_size, table: tables.bhash)
    try clock.walk(countAddresses, tables.bhash_size, table: tables.bhash2)
    try clock.walk(countListeners, tables.lhash2_mask + 1, table: tables.lhash2)
    try walkConnections(tables, clock)
    var report = unsafe CountReport(
      isEstimated: false, missesTuples: false,
      tupleCounts: [.ipv4: Int(totals.pointee.tuples.0), .ipv6: Int(totals.pointee.tuples.1)],
      missesAddresses: totals.pointee.lost_addresses > 0, missesDevices: totals.pointee.lost_devices > 0,
      missesOverlaps: totals.pointee.unsure_overlaps > 0, missesVRFPorts: totals.pointee.lost_vrf_ports > 0)
    guard unsafe totals.pointee.lost_tuples > 0 else { return report }

    // The sketch knows how large each tuple can be at most; the table is filled again with those that can be large.
    let estimates = AddressFamily.allCases.map { family in (family, max(estimatedTuples(family), report.tupleCounts[family] ?? 0)) }
    var isWhole = false
    var threshold = self.threshold(for: estimates)
    for _ in 1..<Self.mostWalks {
      unsafe settings.pointee.threshold = threshold
      try begin(isFirst: false)
      try walkConnections(tables, clock)
      isWhole = unsafe totals.pointee.lost_tuples == 0
      if isWhole { break }
      threshold *= 4
    }
    report = unsafe CountReport(
      isEstimated: true, missesTuples: !isWhole, tupleCounts: Dictionary(uniqueKeysWithValues: estimates),
      missesAddresses: report.missesAddresses, missesDevices: totals.pointee.lost_devices > 0,
      missesOverlaps: totals.pointee.unsure_overlaps > 0, missesVRFPorts: report.missesVRFPorts)
    return report
  }

  private borrowing func walkConnections(_ tables: counts_copied, _ clock: Clock) throws(ReadError) {
    try clock.walk(countEstablished, tables.ehash_mask + 1, table: tables.ehash, mask: tables.ehash_mask)
    guard unsafe totals.elements(counts_totals.self).pointee.out_of_budget == 0 else {
      throw .refused("a list of the kernel is too long to be followed to its end")
    }
  }

  static func changed(_ what: String) -> ReadError {
    .refused("the kernel's structures are not as the BPF programs know them: \(what)")
  }

  /// Fills in what the programs are to know.
  private borrowing func prepare(_ request: CountRequest) throws(ReadError) {
    let classes: UnsafeMutablePointer<UInt8> = unsafe cbpf_classes(settings.start)
    for (port, number) in request.classes.enumerated() where port < 1 << 16 { unsafe classes[port] = number }
    let flags: UnsafeMutablePointer<UInt16> = unsafe cbpf_ports(ports.start, Self.slot)
    unsafe memset(flags, 0, MemoryLayout<counts_ports>.size)
    request.pool.forEach { unsafe flags[Int($0)] = UInt16(COUNTS_POOL) }
    let settings = unsafe self.settings.elements(counts_settings.self)
    unsafe settings.pointee.ticks = MonotonicClock.ticksInSecond
    unsafe settings.pointee.tuple4_mask = UInt32(COUNTS_TUPLES4) - 1
    unsafe settings.pointee.tuple6_mask = UInt32(COUNTS_TUPLES6) - 1
    unsafe settings.pointee.networks = 0
    ownAddresses.clear()
    let local = request.localAddresses
    guard local.addresses.count <= COUNTS_OWN_ADDRESSES / 2 else { throw .refused("the host has too many addresses of its own") }
    for address in local.addresses {
      let words = address.memoryWords
      guard unsafe cbpf_add_own_address(ownAddresses.start, words.first, words.second, Self.slot) == 0 else {
        throw .refused("the host has too many addresses of its own")
      }
    }
    for network in local.networks {
      let mask = network.mask.memoryWords
      let words = network.address.memoryWords
      let entry = counts_address(words: (words.first & mask.first, words.second & mask.second))
      guard unsafe cbpf_add_own_network(self.settings.start, entry, counts_address(words: (mask.first, mask.second)), Self.slot) == 0 else {
        throw .refused("the host has too many networks of its own")
      }
    }
  }

  /// Starts a walk: entries of an older one become free.
  private borrowing func begin(isFirst: Bool) throws(ReadError) {
    let settings = unsafe self.settings.elements(counts_settings.self)
    let totals = unsafe self.totals.elements(counts_totals.self)
    unsafe settings.pointee.tuples_only = isFirst ? 0 : 1
    if isFirst {
      let used = unsafe totals.pointee.tuples
      // What the last count left.
      if used.0 > 0 { unsafe memset(cbpf_sketch(sketch.start, 0), 0, COUNTS_CELLS4 * 4) }
      if used.1 > 0 { unsafe memset(cbpf_sketch(sketch.start, 1), 0, COUNTS_CELLS6 * 4) }
      if unsafe totals.pointee.vrf_ports > 0 { vrfPorts.clear() }
      forgetAddresses()
      states.clear()
      self.totals.clear()
      unsafe settings.pointee.threshold = 0
    } else {
      unsafe totals.pointee.tuples = (0, 0)
      unsafe totals.pointee.lost_tuples = 0
    }
    if unsafe settings.pointee.generation >= UInt32(UInt16.max) {
      tuples4.clear()
      tuples6.clear()
      unsafe settings.pointee.generation = 0
    }
    unsafe settings.pointee.generation += 1
  }

  private borrowing func forgetAddresses() {
    let used = unsafe usedAddresses.elements(counts_used_address.self)
    for index in 0..<COUNTS_ADDRESSES where unsafe used[index].generation != 0 {
      unsafe memset(used + index, 0, MemoryLayout<counts_used_address>.stride)
    }
  }
}

/// When counting has to end.
private struct Clock {
  let deadline: Deadline
  let end: ContinuousClock.Instant

  /// Runs `program` over `count` buckets, a piece at a time as far as its budget goes.
  func walk(
    _ program: borrowing BPFProgram, _ count: UInt64, table: UInt64, mask: UInt64? = nil
  ) throws(ReadError) {
    var done: UInt64 = 0
    while done < count {
      guard !deadline.hasPassed else { throw .deadline("counting in the kernel") }
      guard ContinuousClock.now < end else { throw SocketCounter.changed("there is no end to its lists") }
      let left = count - done
      let step = if let mask { try program.run(table, mask, done, left) } else { try program.run(table, done, left) }
      guard step > 0, step <= left else { throw .refused("a list of the kernel is too long to be followed to its end") }
      done += UInt64(step)
    }
  }
}

extension IPAddress {
  /// The address as two words of memory, as the kernel has it.
  var memoryWords: (first: UInt64, second: UInt64) { (high.bigEndian, low.bigEndian) }

  init(memoryWords words: (UInt64, UInt64)) { self.init(high: UInt64(bigEndian: words.0), low: UInt64(bigEndian: words.1)) }
}

extension LocalAddresses.Network {
  /// The bits that decide.
  fileprivate var mask: IPAddress {
    let length = address.isIPv4 ? 96 + max(0, min(prefixLength, 32)) : max(0, min(prefixLength, 128))
    let high = length >= 64 ? UInt64.max : ~(UInt64.max >> UInt64(length))
    let low = length <= 64 ? 0 : length >= 128 ? UInt64.max : ~(UInt64.max >> UInt64(length - 64))
    return IPAddress(high: high, low: low)
  }
}
