internal import CBPF
internal import Glibc
internal import PortModel
internal import Synchronization

extension SocketCounter {
  /// How many walks of the established connections a count may take.
  static var mostWalks: Int { 4 }

  /// Lets the walk leave out tuples that were small the last time, of namespaces that then had more than there is room for: it need not be made twice as
  /// long as none of them has grown.
  ///
  /// - Returns: the slots of these namespaces.
  borrowing func useMarks(_ counted: [CountedNamespace]) -> Set<Int> {
    let marked = marked.withLock { $0 }
    let slots = Set(counted.indices.filter { marked.contains(counted[$0].id) })
    guard !slots.isEmpty else { return [] }
    unsafe settings.elements(counts_settings.self).pointee.by_marks = 1
    for slot in slots { unsafe cbpf_set_threshold(self.slots.start, UInt32(slot), 1) }
    return slots
  }

  /// Makes good a walk that had not room for all tuples, or left some out: the sketch knows how large each can be at most, and all large ones are counted
  /// exactly, if need be by walking again. Namespaces with few tuples keep all of theirs.
  ///
  /// - Parameter marked: the slots whose tuples were counted only where they were marked.
  borrowing func countLargeTuples(
    _ tables: [ConnectionTable], _ counted: inout [CountedNamespace], _ marked: Set<Int>, _ clock: CountClock
  ) throws(ReadError) {
    let totals = unsafe self.totals.elements(counts_totals.self)
    let inTable = unsafe [AddressFamily.ipv4: Int(totals.pointee.tuples.0), .ipv6: Int(totals.pointee.tuples.1)]
    let estimates = AddressFamily.allCases.map { family in (family, max(estimatedTuples(family), inTable[family] ?? 0)) }
    let cells = counted.indices.map { slot in
      let notes = unsafe cbpf_notes(slots.start, UInt32(slot))
      return (Int(notes.first_cells.0), Int(notes.first_cells.1))
    }
    let limits = sketchLimits(for: estimates)
    var isWhole = unsafe totals.pointee.lost_tuples == 0 && largestUnmarked() < limits.threshold
    var short = marked
    if unsafe totals.pointee.lost_tuples == 0, estimates.allSatisfy({ $0.1 <= Self.room($0.0) / 2 }) {
      // There is room for all of them again.
      (short, isWhole) = ([], false)
    } else if !isWhole {
      short = slotsWithMostTuples(cells)
    }
    var threshold = limits.threshold
    for _ in 1..<Self.mostWalks where !isWhole {
      for slot in counted.indices { unsafe cbpf_set_threshold(slots.start, UInt32(slot), short.contains(slot) ? threshold : 0) }
      try begin(isFirst: false, slots: counted.count)
      try walkConnections(tables, &counted, clock)
      isWhole = unsafe totals.pointee.lost_tuples == 0
      threshold *= 4
    }
    let next = short.isEmpty ? [] : slotsWithMostTuples(cells)
    self.marked.withLock { $0 = Set(next.map { counted[$0].id }) }
    if !next.isEmpty { mark(from: limits.mark) }
    let all = cells.reduce((0, 0)) { ($0.0 + $1.0, $0.1 + $1.1) }
    for slot in short {
      let shares = [Double(cells[slot].0) / Double(max(1, all.0)), Double(cells[slot].1) / Double(max(1, all.1))]
      counted[slot].report.isEstimated = true
      counted[slot].report.missesTuples = !isWhole
      counted[slot].report.tupleCounts = Dictionary(
        uniqueKeysWithValues: zip(estimates, shares).map { ($0.0, Int((Double($0.1) * $1).rounded())) })
    }
  }

  /// The slots of the namespaces that have so many tuples that there is not room for all. Those with few have room together, in a part of the table.
  private func slotsWithMostTuples(_ cells: [(Int, Int)]) -> Set<Int> {
    let fewestFirst = cells.indices.sorted { (cells[$0].0 + cells[$0].1, $0) < (cells[$1].0 + cells[$1].1, $1) }
    var few = (0, 0)
    let most = fewestFirst.drop { slot in
      few = (few.0 + cells[slot].0, few.1 + cells[slot].1)
      return few.0 <= COUNTS_TUPLES4 / 4 && few.1 <= COUNTS_TUPLES6 / 4
    }
    return Set(most.isEmpty ? fewestFirst.suffix(1) : most)
  }

  /// Marks the counters of the sketch that have reached `value`.
  private borrowing func mark(from value: UInt32) {
    for family in AddressFamily.allCases {
      let sketch: UnsafeMutablePointer<UInt32> = unsafe cbpf_sketch(self.sketch.start, family == .ipv6 ? 1 : 0)
      let marks: UnsafeMutablePointer<UInt8> = unsafe cbpf_marks(self.sketch.start, family == .ipv6 ? 1 : 0)
      for index in 0..<Self.cells(family) / 8 {
        var bits: UInt8 = 0
        for bit in 0..<8 where unsafe sketch[index * 8 + bit] >= value { bits |= 1 << UInt8(bit) }
        unsafe marks[index] = bits
      }
    }
  }

  /// The largest counter of the sketch that is not marked: no tuple that was left out has as many ports.
  private borrowing func largestUnmarked() -> UInt32 {
    var largest: UInt32 = 0
    for family in AddressFamily.allCases {
      let sketch: UnsafeMutablePointer<UInt32> = unsafe cbpf_sketch(self.sketch.start, family == .ipv6 ? 1 : 0)
      let marks: UnsafeMutablePointer<UInt8> = unsafe cbpf_marks(self.sketch.start, family == .ipv6 ? 1 : 0)
      for index in 0..<Self.cells(family) where unsafe sketch[index] > largest {
        if unsafe marks[index / 8] >> UInt8(index % 8) & 1 == 0 { largest = unsafe sketch[index] }
      }
    }
    return largest
  }

  /// Which tuple is whose.
  borrowing func readTuples(_ counted: inout [CountedNamespace]) {
    let generation = unsafe UInt16(settings.elements(counts_settings.self).pointee.generation)
    let totals = unsafe self.totals.elements(counts_totals.self).pointee
    if totals.tuples.0 > 0 {
      let entries = unsafe tuples4.elements(counts_tuple4.self)
      for index in 0..<COUNTS_TUPLES4 where unsafe entries[index].generation == generation {
        unsafe counted.note(UInt32(index), of: entries[index].slot)
      }
    }
    if totals.tuples.1 > 0 {
      let entries = unsafe tuples6.elements(counts_tuple6.self)
      for index in 0..<COUNTS_TUPLES6 where unsafe entries[index].generation == generation {
        unsafe counted.note(UInt32(index) | CountReport.ipv6, of: entries[index].slot)
      }
    }
    for slot in counted.indices where !counted[slot].report.isEstimated {
      let tuples = counted[slot].report.tuples
      let ipv6 = tuples.count { $0 & CountReport.ipv6 != 0 }
      counted[slot].report.tupleCounts = [.ipv4: tuples.count - ipv6, .ipv6: ipv6]
    }
  }

  /// How many tuples there are, by the counters of the sketch that none of them hit.
  borrowing func estimatedTuples(_ family: AddressFamily) -> Int {
    let cells = Self.cells(family)
    let sketch: UnsafeMutablePointer<UInt32> = unsafe cbpf_sketch(self.sketch.start, family == .ipv6 ? 1 : 0)
    var empty = 0
    for index in 0..<cells where unsafe sketch[index] == 0 { empty += 1 }
    return Int(-Double(cells) * log(Double(max(1, empty)) / Double(cells)))
  }

  private static func cells(_ family: AddressFamily) -> Int { family == .ipv4 ? COUNTS_CELLS4 : COUNTS_CELLS6 }
  private static func room(_ family: AddressFamily) -> Int { family == .ipv4 ? COUNTS_TUPLES4 : COUNTS_TUPLES6 }

  /// From which counter of the sketch on a tuple is counted in a second walk, and from which on its counter is marked for the next count: half as large a
  /// one, so that what grows a little is among those already. At most half as many tuples pass as there is room for, of either family. A counter that many
  /// small tuples share does not look like that of a large one: it is above their noise.
  borrowing func sketchLimits(for estimates: [(AddressFamily, Int)]) -> (threshold: UInt32, mark: UInt32) {
    var (threshold, fitting): (UInt32, UInt32) = (1, 1)
    for (family, tuples) in estimates where tuples > 0 {
      let cells = Self.cells(family)
      let sketch: UnsafeMutablePointer<UInt32> = unsafe cbpf_sketch(self.sketch.start, family == .ipv6 ? 1 : 0)
      var histogram = [Int](repeating: 0, count: 1 << 16 + 1)
      for index in 0..<cells { unsafe histogram[min(Int(sketch[index]), 1 << 16)] += 1 }
      let shared = Double(tuples) / Double(cells)
      var above = 0
      var value = 1 << 16
      while value > 1, Double(above + histogram[value]) * (1 + shared) <= Double(Self.room(family) / 2) {
        above += histogram[value]
        value -= 1
      }
      // Where all fit there is no need for one.
      guard value > 1 else { continue }
      fitting = max(fitting, UInt32(value + 1))
      threshold = max(threshold, fitting, UInt32(shared + 6 * shared.squareRoot() + 4))
    }
    return (threshold, max(fitting, threshold / 2))
  }
}

extension [CountedNamespace] {
  /// Notes the entry of a tuple.
  fileprivate mutating func note(_ number: UInt32, of slot: UInt16) {
    let isOverlap = slot & UInt16(COUNTS_OVERLAP) != 0
    let slot = Int(slot & ~UInt16(COUNTS_OVERLAP))
    guard slot < count else { return }
    if isOverlap { self[slot].report.overlaps.append(number) } else { self[slot].report.tuples.append(number) }
  }
}
