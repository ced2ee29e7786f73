/// Which collectors a scrape runs: the `collect[]` and `exclude[]` parameters of its URL.
///
/// `/metrics?collect[]=tcp&collect[]=udp`
enum CollectorSelection {
  /// Why a query is answered with 400, in the words that other exporters use.
  enum Problem: Error, Hashable, CustomStringConvertible {
    case combined
    case missing(String)
    case disabled(String)

    var description: String {
      switch self {
      case .combined: "Combined collect and exclude queries are not allowed."
      case .missing(let name): "missing collector: \(name)"
      case .disabled(let name): "disabled collector: \(name)"
      }
    }
  }

  /// The names to run, in the order of `choices`. Without parameters: every enabled one.
  static func names(
    query: [(name: String, value: String)], choices: [CollectorChoice]
  ) throws(Problem) -> [String] {
    let collect = query.filter { $0.name == "collect[]" }.map(\.value)
    let exclude = query.filter { $0.name == "exclude[]" }.map(\.value)
    guard collect.isEmpty || exclude.isEmpty else { throw .combined }
    for name in collect + exclude {
      guard let choice = choices.first(where: { $0.name == name }) else { throw .missing(name) }
      guard choice.isEnabled else { throw .disabled(name) }
    }
    let enabled = choices.filter(\.isEnabled).map(\.name)
    return enabled.filter { (collect.isEmpty || collect.contains($0)) && !exclude.contains($0) }
  }
}
