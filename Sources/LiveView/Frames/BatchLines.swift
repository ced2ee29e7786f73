internal import PortModel
internal import Terminal

/// What `--batch` prints: a line for each pool, each of the fullest tuples, each of the worst translated ones with its chance of failure, and what was
/// refused a port and how often, in columns that `awk` can count.
package enum BatchLines {
  /// The names of the columns.
  package static let header = row(["TIME", "NETNS", "WHAT", "USED", "CAPACITY", "LEFT", "RATE", "TUPLE"])

  /// The lines of the latest snapshot.
  package static func lines(_ state: LiveState, tuples limit: Int = 5) -> [String] {
    guard let snapshot = state.snapshot else { return [] }
    let time = NumberText.timestamp(snapshot.time)
    var lines: [String] = []
    for namespace in snapshot.namespaces {
      for pool in namespace.pools {
        lines.append(
          row([
            time, namespace.name, pool.id.rawValue, "\(pool.used)", "\(pool.capacity)", "\(pool.headroom)",
            rate(state.history.rate(namespace.name, pool.id)), pool.worst?.arrow ?? "-",
          ]))
      }
      for tuple in state.order.sorted(namespace.tuples, rate: { state.history.rate(namespace.name, $0) }).prefix(limit) {
        lines.append(
          row([
            time, namespace.name, "tuple", "\(tuple.held)", "\(namespace.connectCapacity)", "\(tuple.headroom)",
            rate(state.history.rate(namespace.name, tuple.tuple)), tuple.tuple.arrow,
          ]))
      }
      for use in (namespace[Snat.self]?.table?.tuples ?? []).prefix(limit) {
        lines.append(
          row([
            time, namespace.name, "snat", "\(use.used)", number(use.capacity), number(use.headroom), "-",
            "\(use.title) fails \(use.chanceText)",
          ]))
      }
    }
    for each in (snapshot.refusals?.cases ?? []).prefix(limit) {
      lines.append(row([time, each.namespace, "refused", "\(each.count)", "-", "-", "-", "\(each.title) by \(each.program)"]))
    }
    return lines
  }

  /// `-` where the ports of a rule are not known.
  private static func number(_ number: Int?) -> String { number.map { "\($0)" } ?? "-" }

  /// A number, or `-` for the first snapshot.
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
