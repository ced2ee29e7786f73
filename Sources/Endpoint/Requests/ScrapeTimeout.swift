/// The time a scraper gives: the header `X-Prometheus-Scrape-Timeout-Seconds: 10`.
enum ScrapeTimeout {
  static let headerName = "X-Prometheus-Scrape-Timeout-Seconds"

  /// The time left for collecting: the scraper's time-out minus the offset, or half of a time-out that is no longer than the offset.
  /// `nil` for a value that is no positive number of seconds: such a scrape runs without a deadline.
  static func budget(_ value: String?, offset: Duration) -> Duration? {
    guard let value, let seconds = Double(value), seconds.isFinite, seconds > 0 else { return nil }
    let timeout = Duration.seconds(min(seconds, 86_400))
    return timeout > offset ? timeout - offset : timeout / 2
  }
}
