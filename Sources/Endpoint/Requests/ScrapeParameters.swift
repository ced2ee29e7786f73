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

/// The scrape timeout of the client: the header `X-Prometheus-Scrape-Timeout-Seconds: 10`.
enum ScrapeTimeout {
  static let headerName = "X-Prometheus-Scrape-Timeout-Seconds"

  /// The time left for collecting: the client's timeout minus the offset, or half of a timeout that is no longer than the offset.
  /// `nil` for a value that is not a positive number of seconds: such a scrape runs without a deadline.
  static func budget(_ value: String?, offset: Duration) -> Duration? {
    guard let value, let seconds = Double(value), seconds.isFinite, seconds > 0 else { return nil }
    let timeout = Duration.seconds(min(seconds, 86_400))
    return timeout > offset ? timeout - offset : timeout / 2
  }
}
