package import PortModel

/// The used pool ports of one transport by what holds them, as counts and as a map.
package struct PortUsage: Sendable, Hashable {
  /// Distinct pool ports with any socket; the sum of all uses.
  package let used: Int
  private let counts: [Int]
  /// One cell for each port of the range, the first port first.
  package let map: [Cell]

  /// What stands at one port of the range.
  package enum Cell: UInt8, Sendable, Hashable, CaseIterable {
    case listener, bound, local, client, closing
    case free
    /// Reserved, and so never handed out.
    case reserved

    package init(_ use: PortUse) {
      self = Cell(rawValue: use.rawValue) ?? .free
    }
  }

  package subscript(use: PortUse) -> Int { counts[Int(use.rawValue)] }

  init(_ ledger: borrowing PortLedger, range: PortRange, pool: PortSet) {
    var counts = [Int](repeating: 0, count: PortUse.allCases.count)
    var map = [Cell](repeating: .free, count: range.count)
    for offset in 0..<range.count {
      let port = Port(Int(range.first) + offset)
      if !pool.contains(port) {
        map[offset] = .reserved
      } else if let use = ledger.use(of: port) {
        counts[Int(use.rawValue)] += 1
        map[offset] = Cell(use)
      }
    }
    self.counts = counts
    self.map = map
    used = counts.reduce(0, +)
  }
}
