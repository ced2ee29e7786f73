internal import Kernel
internal import PortModel

/// Ports by what they are counted as: which of IANA's ranges a port is in, and which of the user's. The kernel counts by class, so that a socket costs one
/// look-up whatever ranges there are.
struct PortClasses: Sendable {
  private struct Class: Hashable {
    let range: IANARange
    /// Indices of named ranges.
    let named: [Int]
  }

  /// The class of each port, by port.
  let numbers: [UInt8]
  private let classes: [Class]
  var count: Int { classes.count }
  private let namedRanges: [NamedRange]

  /// `nil` if there are more classes than the kernel counts.
  init?(_ namedRanges: [NamedRange]) {
    self.namedRanges = namedRanges
    var numbers = [UInt8](repeating: 0, count: 1 << 16)
    var known: [Class: UInt8] = [:]
    var classes: [Class] = []
    // A class begins where a range does, or after one has ended.
    let edges = Set(IANARange.allCases.map { Int($0.ports.first) } + namedRanges.flatMap { [Int($0.ports.first), Int($0.ports.last) + 1] })
    let starts = edges.filter { $0 < 1 << 16 }.sorted()
    for (start, end) in zip(starts, starts.dropFirst() + [1 << 16]) {
      let port = Port(start)
      let kind = Class(range: IANARange(of: port), named: namedRanges.indices.filter { namedRanges[$0].ports.contains(port) })
      if known[kind] == nil {
        guard classes.count < CountRequest.classLimit else { return nil }
        known[kind] = UInt8(classes.count)
        classes.append(kind)
      }
      for port in start..<end { numbers[port] = known[kind] ?? 0 }
    }
    self.numbers = numbers
    self.classes = classes
  }

  /// The sockets of each family, state and class, as `count` says.
  func counts(_ count: (AddressFamily, SocketState, _ number: Int) -> Int) -> SocketCounts {
    var byRange: [(family: AddressFamily, range: IANARange, state: SocketState, count: Int)] = []
    var named = [Int](repeating: 0, count: namedRanges.count)
    for (number, kind) in classes.enumerated() {
      for family in AddressFamily.allCases {
        for state in (0..<16).map({ SocketState(rawValue: $0) }) {
          let sockets = count(family, state, number)
          guard sockets > 0 else { continue }
          byRange.append((family, kind.range, state, sockets))
          for index in kind.named { named[index] += sockets }
        }
      }
    }
    var counts = SocketCounts(namedCounts: zip(namedRanges, named).map { ($0, $1) })
    for entry in byRange { counts[entry.family, entry.range, entry.state] += entry.count }
    return counts
  }
}
