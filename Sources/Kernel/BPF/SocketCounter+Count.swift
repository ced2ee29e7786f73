internal import CBPF
internal import Glibc
internal import PortModel

extension SocketCounter {
  /// How long a count may take. One of a million sockets takes a tenth of a second.
  private static var longest: Duration { .seconds(10) }
  /// A table of the kernel has at most as many buckets.
  static var mostBuckets: UInt64 { 1 << 26 }

  /// Counts the sockets of the calling thread's namespace, or in the same walk those of all.
  ///
  /// - Throws: ``ReadError/refused(_:)`` if what is found in the kernel cannot be right.
  package borrowing func count(_ request: CountRequest, until deadline: Deadline) throws(ReadError) -> KernelCount {
    let totals = unsafe self.totals.elements(counts_totals.self)
    let clock = CountClock(deadline: deadline, end: .now + Self.longest)
    let count = try findNamespaces.run(request.others == nil ? 1 : UInt64(COUNTS_NAMESPACES))
    let first: counts_namespace = unsafe cbpf_namespace(namespaces.start, 0).pointee
    guard count >= 1, count <= COUNTS_NAMESPACES, first.address != 0 else { throw Self.changed("no namespace was found") }
    if let range = request.own?.range {
      guard first.first_port == range.first, first.last_port == range.last else {
        throw Self.changed("the range is not \(first.first_port)–\(first.last_port)")
      }
    }
    var counted = try choose(request, count)
    try prepare(request)
    try begin(isFirst: true, slots: counted.count)
    let generation = unsafe settings.elements(counts_settings.self).pointee.generation
    try readSettings(&counted, request)
    try findOwnAddresses(&counted, from: request.own == nil ? 0 : 1, count, clock)
    if request.transports.contains(.tcp) {
      let tables = try findTables(&counted, request)
      try clock.walk(countBinds, tables.shared.bhash_size, table: tables.shared.bhash)
      try clock.walk(countAddresses, tables.shared.bhash_size, table: tables.shared.bhash2)
      try clock.walk(countListeners, tables.shared.lhash2_mask + 1, table: tables.shared.lhash2)
      let marked = useMarks(counted)
      try walkConnections(tables.connections, &counted, clock)
      if unsafe !marked.isEmpty || totals.pointee.lost_tuples > 0 { try countLargeTuples(tables.connections, &counted, marked, clock) }
      readTuples(&counted)
      readAddresses(&counted, generation)
    }
    for slot in counted.indices { note(&counted[slot].report) }
    if request.transports.contains(.udp) { walkUDP(&counted, clock) }
    let there = try request.others == nil ? [:] : namespacesNow()
    var others: [NetworkNamespaceID: CountReport] = [:]
    for namespace in counted.dropFirst(request.own == nil ? 0 : 1) {
      // Its number, or its place in memory, may be another one's by now.
      guard let now = there[namespace.found.address], now.inode == namespace.found.inode, now.first_port == namespace.found.first_port,
        now.last_port == namespace.found.last_port
      else { continue }
      others[namespace.id] = namespace.report
    }
    return KernelCount(
      own: request.own == nil ? nil : counted[0].report, others: others,
      generation: unsafe settings.elements(counts_settings.self).pointee.generation)
  }

  /// Whether `count` was the last one, so that what it counted can be read.
  package borrowing func isLast(_ count: KernelCount) -> Bool {
    unsafe settings.elements(counts_settings.self).pointee.generation == count.generation
  }

  /// What was noted of a namespace while its sockets were counted.
  private borrowing func note(_ report: inout CountReport) {
    let notes = unsafe cbpf_notes(slots.start, UInt32(report.slot))
    report.missesAddresses = notes.lost_addresses > 0
    report.missesDevices = notes.lost_devices > 0
    report.missesOverlaps = notes.unsure_overlaps > 0
    report.missesVRFPorts = notes.lost_vrf_ports > 0
    if notes.lost_own > 0 { report.problem = Self.tooManyAddresses }
    if notes.lost_pages > 0 { report.problem = Self.noPages }
  }

  static var noPages: String { "more ports are in use than there is memory for in the kernel" }

  /// Walks every table of connections. The first has to be there to the end; another one may go with its namespace.
  borrowing func walkConnections(
    _ tables: [ConnectionTable], _ counted: inout [CountedNamespace], _ clock: CountClock
  ) throws(ReadError) {
    for (number, table) in tables.enumerated() {
      do throws(ReadError) {
        try clock.walk(countEstablished, table.mask + 1, table: table.at, mask: table.mask)
        guard unsafe totals.elements(counts_totals.self).pointee.out_of_budget == 0 else { throw Self.tooLong }
      } catch {
        if number == 0 { throw error }
        if case .deadline = error { throw error }
        unsafe totals.elements(counts_totals.self).pointee.out_of_budget = 0
        for slot in table.slots { counted[slot].report.problem = "\(error)" }
      }
    }
  }

  static var tooLong: ReadError { .refused("a list of the kernel is too long to be followed to its end") }

  static func changed(_ what: String) -> ReadError {
    .refused("the kernel's structures are not as the BPF programs know them: \(what)")
  }

  /// Fills in what the programs are to know.
  private borrowing func prepare(_ request: CountRequest) throws(ReadError) {
    let classes: UnsafeMutablePointer<UInt8> = unsafe cbpf_classes(settings.start)
    for (port, number) in request.classes.enumerated() where port < 1 << 16 { unsafe classes[port] = number }
    let settings = unsafe self.settings.elements(counts_settings.self)
    unsafe settings.pointee.ticks = MonotonicClock.ticksInSecond
    unsafe settings.pointee.tuple4_mask = UInt32(COUNTS_TUPLES4) - 1
    unsafe settings.pointee.tuple6_mask = UInt32(COUNTS_TUPLES6) - 1
    unsafe settings.pointee.address_page_mask = UInt32(room.addressPages) - 1
    unsafe settings.pointee.pages = UInt64(room.pages)
    unsafe settings.pointee.blocks = UInt32(request.blocks)
    unsafe settings.pointee.networks = 0
    ownAddresses.clear()
    guard let local = request.own?.localAddresses else { return }
    guard local.addresses.count <= COUNTS_OWN_ADDRESSES / 2 else { throw .refused("the host has too many addresses of its own") }
    for address in local.addresses {
      let words = address.memoryWords
      guard unsafe cbpf_add_own_address(ownAddresses.start, words.first, words.second, 0) == 0 else {
        throw .refused("the host has too many addresses of its own")
      }
    }
    for network in local.networks {
      let mask = network.mask.memoryWords
      let words = network.address.memoryWords
      let entry = counts_address(words: (words.first & mask.first, words.second & mask.second))
      guard unsafe cbpf_add_own_network(self.settings.start, entry, counts_address(words: (mask.first, mask.second)), 0) == 0 else {
        throw .refused("the host has too many networks of its own")
      }
    }
  }

  /// Starts a walk: entries of an older one become free.
  borrowing func begin(isFirst: Bool, slots count: Int) throws(ReadError) {
    let settings = unsafe self.settings.elements(counts_settings.self)
    let totals = unsafe self.totals.elements(counts_totals.self)
    // What the last count left. Not every tuple that is in the sketch has to be in the table.
    let wasShort = unsafe settings.pointee.tuples_only != 0 || settings.pointee.by_marks != 0
    unsafe settings.pointee.tuples_only = isFirst ? 0 : 1
    unsafe settings.pointee.by_marks = 0
    if isFirst {
      let used = unsafe totals.pointee.tuples
      if used.0 > 0 || wasShort { unsafe memset(cbpf_sketch(sketch.start, 0), 0, COUNTS_CELLS4 * 4) }
      if used.1 > 0 || wasShort { unsafe memset(cbpf_sketch(sketch.start, 1), 0, COUNTS_CELLS6 * 4) }
      if unsafe totals.pointee.vrf_ports > 0 { vrfPorts.clear() }
      slots.clear(counts_slot.self, count)
      unsafe states.clear(counts_states.self, count * Int(settings.pointee.blocks))
      self.totals.clear()
      // The walks of one count are not torn apart.
      if unsafe settings.pointee.generation >= UInt32(UInt16.max) - UInt32(Self.mostWalks) {
        tuples4.clear()
        tuples6.clear()
        usedAddresses.clear()
        addressPages.clear()
        devices.clear()
        unsafe settings.pointee.generation = 0
      }
    } else {
      unsafe totals.pointee.tuples = (0, 0)
      unsafe totals.pointee.lost_tuples = 0
    }
    unsafe settings.pointee.generation += 1
  }

  /// Which page of ports by address is whose, as the first walk has filled them.
  private borrowing func readAddresses(_ counted: inout [CountedNamespace], _ generation: UInt32) {
    guard unsafe totals.elements(counts_totals.self).pointee.address_pages > 0 else { return }
    let pages = unsafe addressPages.elements(counts_address_page.self)
    let addresses = unsafe usedAddresses.elements(counts_used_address.self)
    for index in 0..<room.addressPages where unsafe pages[index].generation == generation {
      let number = unsafe Int(pages[index].key >> 8) - 1
      guard number >= 0, number < COUNTS_ADDRESSES else { continue }
      let slot = unsafe Int(addresses[number].slot)
      if slot < counted.count { counted[slot].report.addressPages.append(UInt64(number) << 32 | UInt64(index)) }
    }
    for slot in counted.indices { counted[slot].report.addressPages.sort() }
  }

}

/// When counting has to end.
struct CountClock {
  let deadline: Deadline
  let end: ContinuousClock.Instant

  /// Runs `program` over `count` buckets, a piece at a time as far as its budget goes.
  func walk(
    _ program: borrowing BPFProgram, _ count: UInt64, table: UInt64, mask: UInt64? = nil
  ) throws(ReadError) {
    var done: UInt64 = 0
    while done < count {
      try check()
      let left = count - done
      let step = if let mask { try program.run(table, mask, done, left) } else { try program.run(table, done, left) }
      guard step > 0, step <= left else { throw SocketCounter.tooLong }
      done += UInt64(step)
    }
  }

  func check() throws(ReadError) {
    guard !deadline.hasPassed else { throw .deadline("counting in the kernel") }
    guard ContinuousClock.now < end else { throw SocketCounter.changed("there is no end to its lists") }
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
