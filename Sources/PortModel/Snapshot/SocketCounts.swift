/// Sockets of one transport by family, IANA range and state, and by the ranges that the user named.
package struct SocketCounts: Sendable, Hashable {
  @usableFromInline static var stateSlots: Int { 16 }
  /// Where states without a name are counted.
  @usableFromInline static var unknownSlot: Int { 15 }

  @usableFromInline var counts = [Int](repeating: 0, count: 2 * 3 * stateSlots)
  package let namedRanges: [NamedRange]
  /// Sockets in each of ``namedRanges``, in their order.
  @usableFromInline package internal(set) var namedCounts: [Int]

  package init(namedRanges: [NamedRange] = []) {
    self.namedRanges = namedRanges
    namedCounts = [Int](repeating: 0, count: namedRanges.count)
  }

  /// Counts that another exporter made, for ``subscript(_:_:_:)`` to fill in.
  package init(namedCounts: [(range: NamedRange, count: Int)]) {
    namedRanges = namedCounts.map(\.range)
    self.namedCounts = namedCounts.map(\.count)
  }

  /// Counts one socket.
  @inlinable @inline(__always)
  package mutating func add(_ record: SocketRecord) {
    counts[Self.slot(record.family, IANARange(of: record.localPort), record.state)] &+= 1
    for index in namedRanges.indices where namedRanges[index].ports.contains(record.localPort) {
      namedCounts[index] &+= 1
    }
  }

  /// The sockets with this family, range and state.
  package subscript(family: AddressFamily, range: IANARange, state: SocketState) -> Int {
    get { counts[Self.slot(family, range, state)] }
    set { counts[Self.slot(family, range, state)] = newValue }
  }

  /// The sockets with this family and range, whatever their state.
  package func total(_ family: AddressFamily, _ range: IANARange) -> Int {
    let base = Self.base(family, range)
    return counts[base..<base + Self.stateSlots].reduce(0, +)
  }

  package var total: Int { counts.reduce(0, +) }

  /// The sockets that are in this state, whatever their family and range.
  package func total(_ state: SocketState) -> Int {
    stride(from: min(Int(state.rawValue), Self.unknownSlot), to: counts.count, by: Self.stateSlots).reduce(0) { $0 + counts[$1] }
  }

  @inlinable @inline(__always)
  static func base(_ family: AddressFamily, _ range: IANARange) -> Int {
    (Int(family.rawValue) * 3 + Int(range.rawValue)) * stateSlots
  }

  @inlinable @inline(__always)
  static func slot(_ family: AddressFamily, _ range: IANARange, _ state: SocketState) -> Int {
    base(family, range) + min(Int(state.rawValue), unknownSlot)
  }
}
