/// Does something that may wait at a fixed beat, on a thread of its own.
struct Beat: Sendable {
  let interval: Duration
  /// The first time now, rather than after an interval.
  let startsAtOnce: Bool

  /// Goes on until the task is cancelled. `body` gets what `work` gave, and how many beats passed meanwhile: they are left out, not made up for.
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
