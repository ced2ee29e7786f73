/// Does something that may block at a fixed interval, on a thread of its own.
struct Beat: Sendable {
  let interval: Duration
  /// The first time now, rather than after an interval.
  let startsAtOnce: Bool

  /// Runs until the task is cancelled. `body` gets the result of `work` and the number of beats that passed meanwhile: they are skipped, not made up for.
  func run<Value: Sendable>(_ work: @escaping @Sendable () -> Value, _ body: (Value, _ missed: Int) -> Void) async throws {
    let queue = ScrapeQueue()
    let clock = ContinuousClock()
    var next = clock.now
    if !startsAtOnce { next += interval }
    while true {
      try await clock.sleep(until: next)
      let value = await queue.run(work)
      let missed = max(0, Int((clock.now - next) / interval))
      body(value, missed)
      next += interval * (1 + missed)
    }
  }
}
