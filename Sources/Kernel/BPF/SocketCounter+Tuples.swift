internal import CBPF
internal import Glibc
internal import PortModel

extension SocketCounter {
  /// How many walks of the established connections a count may take.
  static var mostWalks: Int { 4 }

  /// Counts tuples again: the sketch knows how large each can be at most, and the table is filled with those that can be large. Namespaces with few tuples
  /// keep all of theirs.
  borrowing func countLargeTuples(
    _ tables: [ConnectionTable], _ counted: inout [CountedNamespace], _ clock: CountClock
  ) throws(ReadError) {
    let totals = unsafe self.totals.elements(counts_totals.self)
    let inTable = unsafe [AddressFamily.ipv4: Int(totals.pointee.tuples.0), .ipv6: Int(totals.pointee.tuples.1)]
    let estimates = AddressFamily.allCases.map { family in (family, max(estimatedTuples(family), inTable[family] ?? 0)) }
    let cells = counted.indices.map { slot in
      let notes = unsafe cbpf_notes(slots.start, UInt32(slot))
      return (Int(notes.first_cells.0), Int(notes.first_cells.1))
    }
    let all = cells.reduce((0, 0)) { ($0.0 + $1.0, $0.1 + $1.1) }
    var small = (0, 0)
    for slot in counted.indices.dropFirst().sorted(by: { (cells[$0].0 + cells[$0].1, $0) < (cells[$1].0 + cells[$1].1, $1) }) {
      small = (small.0 + cells[slot].0, small.1 + cells[slot].1)
      if small.0 <= COUNTS_TUPLES4 / 4, small.1 <= COUNTS_TUPLES6 / 4 { continue }
      counted[slot].report.isEstimated = true
    }
    counted[0].report.isEstimated = true
    var isWhole = false
    var threshold = self.threshold(for: estimates)
    for _ in 1..<Self.mostWalks {
      for (slot, namespace) in counted.enumerated() where namespace.report.isEstimated {
        unsafe cbpf_set_threshold(slots.start, UInt32(slot), threshold)
      }
      try begin(isFirst: false, slots: counted.count)
      try walkConnections(tables, &counted, clock)
      isWhole = unsafe totals.pointee.lost_tuples == 0
      if isWhole { break }
      threshold *= 4
    }
    for slot in counted.indices where counted[slot].report.isEstimated {
      let shares = [Double(cells[slot].0) / Double(max(1, all.0)), Double(cells[slot].1) / Double(max(1, all.1))]
      counted[slot].report.missesTuples = !isWhole
      counted[slot].report.tupleCounts = Dictionary(
        uniqueKeysWithValues: zip(estimates, shares).map { ($0.0, Int((Double($0.1) * $1).rounded())) })
    }
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

  /// The counter of the sketch from which on at most half as many tuples pass as there is room for, of either family. A counter that many small tuples
  /// share does not look like that of a large one: it is above their noise.
  borrowing func threshold(for estimates: [(AddressFamily, Int)]) -> UInt32 {
    var result: UInt32 = 1
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
      result = max(result, UInt32(value + 1), UInt32(shared + 6 * shared.squareRoot() + 4))
    }
    return result
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
