package import PortModel

/// A value of `ip_local_reserved_ports` that reserves the ports asked for and is short enough to be written whole.
///
/// Of one `write()` the kernel takes a page less one byte, up to the last whole port, and reports how far it came. `sysctl` writes once and does
/// not look: it drops the rest and succeeds. A shell's `echo` writes the rest in pieces that can split a number. So where the list is too long,
/// neighbours are joined into ranges, the closest first.
///
/// Kernel: `proc_do_large_bitmap` in `kernel/sysctl.c`.
package struct Reservation: Sendable, Hashable {
  /// What is reserved: the ports asked for and ``joining``.
  package let ports: PortSet
  /// Ports between those asked for that are reserved too, so that ``value`` is short enough; mostly none.
  package let joining: PortSet
  /// Bytes of the list without joining anything.
  package let fullLength: Int
  /// `8080,40000-40002`
  package let value: String

  /// The bytes of a value that `sysctl` writes whole with its line feed, where a page has 4,096.
  package static let longestValue = 4094

  package init(_ asked: PortSet) {
    let ranges = asked.ranges
    fullLength = Self.length(ranges)
    let joined = Self.joined(ranges)
    var ports = PortSet()
    for range in joined { ports.insert(range) }
    self.ports = ports
    value = joined.map(\.description).joined(separator: ",")
    ports.subtract(asked)
    joining = ports
  }

  /// `ranges` with as few of the smallest gaps closed as it takes.
  private static func joined(_ ranges: [PortRange]) -> [PortRange] {
    guard length(ranges) > longestValue else { return ranges }
    let gaps = zip(ranges, ranges.dropFirst()).map { Int($1.first) - Int($0.last) }
    let smallestFirst = gaps.indices.sorted { (gaps[$0], $0) < (gaps[$1], $1) }
    // Closing one more gap never makes the list longer.
    var (tooFew, enough) = (0, gaps.count)
    while enough - tooFew > 1 {
      let count = (tooFew + enough) / 2
      if length(closing(smallestFirst.prefix(count), of: ranges)) > longestValue { tooFew = count } else { enough = count }
    }
    return closing(smallestFirst.prefix(enough), of: ranges)
  }

  /// `ranges` with the gaps that follow the ranges numbered `gaps` closed.
  private static func closing(_ gaps: some Sequence<Int>, of ranges: [PortRange]) -> [PortRange] {
    var isClosed = [Bool](repeating: false, count: ranges.count)
    for gap in gaps { isClosed[gap] = true }
    var result: [PortRange] = []
    for (index, range) in ranges.enumerated() {
      if index > 0, isClosed[index - 1], let last = result.popLast(), let wider = PortRange(first: last.first, last: range.last) {
        result.append(wider)
      } else {
        result.append(range)
      }
    }
    return result
  }

  private static func length(_ ranges: [PortRange]) -> Int {
    ranges.reduce(max(0, ranges.count - 1)) { $0 + $1.description.utf8.count }
  }
}

extension PoolSettings {
  /// The reservation that keeps what is reserved already and adds `ports`: the setting is written as a whole.
  package func reserving(_ ports: PortSet) -> Reservation {
    var reserved = reserved
    reserved.formUnion(ports)
    return Reservation(reserved)
  }

  /// ``reserving(_:)`` of single ports.
  package func reserving(_ ports: [Port]) -> Reservation {
    var set = PortSet()
    for port in ports { set.insert(port) }
    return reserving(set)
  }
}
