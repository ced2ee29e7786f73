/// Does something that may block at a fixed interval, on a thread of its own.
struct Beat: Sendable {
  let interval: Duration
  /// The first time now, rather than after an interval.
  let startsAtOnce: Bool

  /// Runs until the task is cancelled. `body` gets the result of `work` and the number of beats that passed meanwhile: they are skipped, not made up for.
  ///
  /// Work that hangs when the task is cancelled is left behind with its thread.
  func run<Value: Sendable>(_ work: @escaping @Sendable () -> Value, _ body: (Value, _ missed: Int) -> Void) async throws {
    let clock = ContinuousClock()
    var next = clock.now
    if !startsAtOnce { next += interval }
    while true {
      try await clock.sleep(until: next)
      let (values, value) = AsyncStream.makeStream(of: Value.self)
      BlockingThread.start { value.yield(work()) }
      // Ends without a value if the task is cancelled.
      var results = values.makeAsyncIterator()
      guard let result = await results.next() else { throw CancellationError() }
      let missed = max(0, Int((clock.now - next) / interval))
      body(result, missed)
      next += interval * (1 + missed)
    }
  }
}
