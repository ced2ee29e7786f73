internal import PortModel
internal import Terminal

/// What `--batch` prints: a line for each pool and each of the hottest tuples, in columns that `awk` can count.
package enum BatchLines {
  /// The names of the columns.
  package static let header = row(["TIME", "NETNS", "WHAT", "USED", "CAPACITY", "LEFT", "RATE", "TUPLE"])

  /// One look.
  package static func lines(_ state: LiveState, tuples limit: Int = 5) -> [String] {
    guard let snapshot = state.snapshot else { return [] }
    let time = NumberText.timestamp(snapshot.time)
    var lines: [String] = []
    for namespace in snapshot.namespaces {
      for pool in namespace.pools {
        lines.append(
          row([
            time, namespace.name, pool.id.rawValue, "\(pool.used)", "\(pool.capacity)", "\(pool.headroom)",
            rate(state.history.rate(namespace.name, pool.id)), pool.subject.isEmpty ? "-" : pool.subject,
          ]))
      }
      for tuple in state.order.sorted(namespace.tuples, rate: { state.history.rate(namespace.name, $0) }).prefix(limit) {
        lines.append(
          row([
            time, namespace.name, "tuple", "\(tuple.held)", "\(namespace.connectCapacity)", "\(tuple.headroom)",
            rate(state.history.rate(namespace.name, tuple.id)), "\(tuple.id.source) → \(tuple.id.destination)",
          ]))
      }
    }
    return lines
  }

  /// Always a number, or `-` for the first look.
  private static func rate(_ rate: Double?) -> String {
    let text = NumberText.rate(rate)
    return text.isEmpty ? "-" : text == "·" ? "0" : text.filter { $0 != "," }
  }

  private static func row(_ fields: [String]) -> String {
    var table = TextTable([.left(20), .left(8), .left(12), .right(6), .right(8), .right(6), .right(8), .left])
    table.add(fields)
    return table.lines.map(\.text).joined()
  }
}
