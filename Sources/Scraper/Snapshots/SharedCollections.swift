internal import Kernel
package import PortModel
internal import Synchronization

/// Collects once for all who ask together, and answers each of them when its time is up, whatever a read does.
///
/// A snapshot belongs to those who asked for the same collectors while it was in the making. `Answer` is what they make of it, once for all.
package final class SharedCollections<Answer: Sendable>: Sendable {
  private struct Waiter: Sendable {
    let make: @Sendable (PoolSnapshot) -> Answer
    let reply: @Sendable (Answer) -> Void
  }

  private let scraper: PoolScraper
  private let now: @Sendable () -> ContinuousClock.Instant
  private let startThread: @Sendable (@escaping @Sendable () -> Void) -> Void
  private let plan = Mutex(CollectionPlan<Waiter>())

  /// - Parameters:
  ///   - now: the time.
  ///   - startThread: runs what it is given on a thread of its own, which may never return.
  package init(
    _ scraper: PoolScraper, now: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
    startThread: @escaping @Sendable (@escaping @Sendable () -> Void) -> Void
  ) {
    self.scraper = scraper
    self.now = now
    self.startThread = startThread
  }

  /// What `make` makes of a snapshot of `chosen`: of a whole one, or at the deadline of what is ready then.
  package func answer(
    _ chosen: Set<CollectorName>, until deadline: ContinuousClock.Instant, _ make: @escaping @Sendable (PoolSnapshot) -> Answer
  ) async -> Answer {
    var timer: Task<Void, Never>?
    let answer = await withCheckedContinuation { continuation in
      let number = ask(chosen, until: deadline, make) { continuation.resume(returning: $0) }
      timer = Task { await self.watch(number, until: deadline) }
    }
    timer?.cancel()
    return answer
  }

  /// Asks for an answer, which `reply` gets at the latest when the number that this returns is given up.
  package func ask(
    _ chosen: Set<CollectorName>, until deadline: ContinuousClock.Instant, _ make: @escaping @Sendable (PoolSnapshot) -> Answer,
    reply: @escaping @Sendable (Answer) -> Void
  ) -> Int {
    let waiter = Waiter(make: make, reply: reply)
    return withPlan { plan, now in plan.ask(for: scraper.draft(chosen), until: deadline, at: now, waiter) }
  }

  /// Answers at once, with what is ready.
  package func giveUp(_ number: Int) { withPlan { plan, now in plan.giveUp(number, at: now) } }

  /// Looks whether a collector takes so long that another thread has to go on with the rest.
  package func check() { withPlan { plan, now in plan.check(at: now) } }

  /// The collectors that hang, and for how long: those that have not returned although nobody waits for them any more.
  package var hanging: [CollectorName: Duration] { withPlan { plan, now in plan.hanging(at: now) } }

  private func watch(_ number: Int, until deadline: ContinuousClock.Instant) async {
    while true {
      let next = min(deadline, now() + CollectionPlan<Waiter>.patience)
      // Cancelled: the answer is there.
      do { try await Task.sleep(until: next) } catch { return }
      if next == deadline { return giveUp(number) }
      check()
    }
  }

  /// Changes the plan, and does what comes of it.
  private func withPlan<Result: Sendable>(_ body: (inout CollectionPlan<Waiter>, ContinuousClock.Instant) -> Result) -> Result {
    let (result, answers, wantsThread) = plan.withLock { plan in
      let now = now()
      let (result, wantsThread) = (body(&plan, now), plan.takeThread(at: now))
      return (result, plan.takeAnswers(), wantsThread)
    }
    if wantsThread { startThread { self.work() } }
    for (draft, waiters) in answers {
      guard let answer = waiters.first?.make(draft.snapshot) else { continue }
      for waiter in waiters { waiter.reply(answer) }
    }
    return result
  }

  /// Goes from collector to collector until there is nothing to do, or another thread does it.
  private func work() {
    scraper.withKit { kit in
      var next = withPlan { plan, now in plan.next(at: now) }
      var begun: (collection: Int, run: SnapshotRun)?
      while let job = next {
        let run =
          begun.flatMap { $0.collection == job.collection ? $0.run : nil }
          ?? kit.begin(job.chosen, until: Deadline(job.deadline), knowing: scraper.abilities)
        begun = (job.collection, run)
        let contribution = run.collect(job.collector, job.settings)
        next = withPlan { plan, now in plan.finish(job, contribution) ? plan.next(at: now) : nil }
      }
    }
  }
}
