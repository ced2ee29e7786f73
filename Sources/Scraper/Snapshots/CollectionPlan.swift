internal import Kernel
internal import PortModel

/// Who is collecting what, since when, and who waits for it. Knows neither threads nor clocks: it is told what happens, and when.
///
/// ```
/// ask                     → a thread is wanted
/// next                    → settings
/// finish, next            → tcp
/// check, 500 ms later     → tcp keeps its thread, and another is wanted for the rest
/// next                    → udp
/// giveUp                  → an answer with settings and udp, and tcp has failed
/// ask, next …             → settings, udp; tcp is not asked before it is back
/// ```
///
/// There is one thread at a time that goes from collector to collector, and one more for each collector that keeps the one it was given. A
/// collector is never asked while it has not returned, so that these are as many as there are collectors at most.
struct CollectionPlan<Reply: Sendable>: Sendable {
  typealias Instant = ContinuousClock.Instant

  /// A collector that takes longer than this keeps its thread, and the rest is left to another one.
  static var patience: Duration { .milliseconds(500) }
  /// A collector that takes longer than this, and longer than anyone waited for it, hangs. A collection that began longer ago is not joined.
  static var hangTime: Duration { .seconds(5) }
  /// A collector that takes longer than this hangs, however long someone is ready to wait for it.
  static var hangLimit: Duration { .seconds(60) }

  /// One collector to be asked for one collection.
  struct Job: Sendable {
    let collector: CollectorName
    fileprivate(set) var collection: Int
    let chosen: Set<CollectorName>
    let settings: NamespaceSettings?
    let deadline: LatestInstant
  }

  private struct Collection: Sendable {
    let number: Int
    var draft: SnapshotDraft
    var toDo: [CollectorName]
    var running: Set<CollectorName> = []
    /// `nil` while it waits for its turn.
    var began: Instant?
    /// When the last of those who wait has to answer.
    let deadline: LatestInstant
    var waiters: [(number: Int, reply: Reply)] = []

    func isJoined(_ chosen: Set<CollectorName>, at now: Instant) -> Bool {
      draft.chosen == chosen && began.map { now - $0 < hangTime } ?? true
    }
  }

  /// A collector that has been asked and has not returned.
  private struct Running: Sendable {
    let since: Instant
    let deadline: LatestInstant

    func hangs(at now: Instant) -> Bool { now - since >= (now >= deadline.instant ? hangTime : hangLimit) }
  }

  private var collections: [Collection] = []
  private var running: [CollectorName: Running] = [:]
  /// Whether a thread goes from collector to collector, and where it is.
  private var isWorking = false
  private var active: CollectorName?
  private var count = 0
  private var answers: [(draft: SnapshotDraft, replies: [Reply])] = []

  // MARK: Those who wait

  /// Someone wants what `draft` is for by `deadline`: of the collection under way, or else of the next.
  ///
  /// - Returns: the number to give up with.
  mutating func ask(for draft: SnapshotDraft, until deadline: Instant, at now: Instant, _ reply: Reply) -> Int {
    count += 1
    // What is read bit by bit stops in time to be part of the answer.
    let end = deadline - min(.milliseconds(100), (deadline - now) / 20)
    if let index = collections.lastIndex(where: { $0.isJoined(draft.chosen, at: now) }) {
      collections[index].deadline.extend(to: end)
      collections[index].waiters.append((count, reply))
    } else {
      collections.append(
        Collection(number: count, draft: draft, toDo: draft.order, deadline: LatestInstant(end), waiters: [(count, reply)]))
    }
    return count
  }

  /// Answers who cannot wait any longer with what is ready. Work that nobody waits for now is not begun.
  mutating func giveUp(_ number: Int, at now: Instant) {
    settle(at: now)
    guard let index = collections.firstIndex(where: { $0.waiters.contains { $0.number == number } }) else { return }
    var draft = collections[index].draft
    for collector in draft.missing {
      let duration = running[collector].map { now - $0.since } ?? .zero
      draft.fail(collector, ReadError.deadline(collector.rawValue).description, after: duration)
    }
    answers.append((draft, collections[index].waiters.filter { $0.number == number }.map(\.reply)))
    collections[index].waiters.removeAll { $0.number == number }
    if collections[index].waiters.isEmpty { collections.remove(at: index) }
  }

  /// Snapshots that are ready, and those who get them.
  mutating func takeAnswers() -> [(draft: SnapshotDraft, replies: [Reply])] {
    defer { answers = [] }
    return answers
  }

  /// The collectors that hang, and for how long.
  func hanging(at now: Instant) -> [CollectorName: Duration] {
    running.filter { $0.value.hangs(at: now) }.mapValues { now - $0.since }
  }

  // MARK: Threads

  /// Leaves the thread to the collector that it is in, if that takes long.
  mutating func check(at now: Instant) {
    if let collector = active, let asked = running[collector], now - asked.since >= Self.patience {
      active = nil
      isWorking = false
    }
  }

  /// Whether a thread has to be started, which then is the one that works. To be asked after everything else.
  mutating func takeThread(at now: Instant) -> Bool {
    settle(at: now)
    guard !isWorking, collections.contains(where: { takable($0) != nil }) else { return false }
    isWorking = true
    return true
  }

  /// What the thread that works is to do next; `nil` if that is nothing, and the thread has to end.
  mutating func next(at now: Instant) -> Job? {
    settle(at: now)
    for index in collections.indices {
      guard let collector = takable(collections[index]) else { continue }
      if collections[index].began == nil {
        collections[index].began = now
        collections[index].draft.time = WallClock.seconds
      }
      let collection = collections[index]
      collections[index].toDo.removeAll { $0 == collector }
      collections[index].running.insert(collector)
      running[collector] = Running(since: now, deadline: collection.deadline)
      active = collector
      return Job(
        collector: collector, collection: collection.number, chosen: collection.draft.chosen, settings: collection.draft.settings,
        deadline: collection.deadline)
    }
    isWorking = false
    return nil
  }

  /// A collector has returned.
  ///
  /// - Returns: whether its thread is the one that works, or is now.
  mutating func finish(_ job: Job, _ contribution: Contribution?) -> Bool {
    running[job.collector] = nil
    if let index = collections.firstIndex(where: { $0.number == job.collection }) {
      collections[index].running.remove(job.collector)
      if let contribution { collections[index].draft.add(contribution) }
    }
    if active == job.collector {
      active = nil
    } else if isWorking {
      return false
    } else {
      isWorking = true
    }
    return true
  }

  /// What can be asked now. Without settings sockets say little, so that they are waited for until they are known to hang.
  private func takable(_ collection: Collection) -> CollectorName? {
    guard !collection.running.contains(.settings) else { return nil }
    for collector in collection.toDo {
      if running[collector] == nil { return collector }
      if collector == .settings { return nil }
    }
    return nil
  }

  /// Gives collections up on collectors that hang, and ends those for which all is done.
  private mutating func settle(at now: Instant) {
    for index in collections.indices {
      for collector in collections[index].toDo {
        guard let asked = running[collector], asked.hangs(at: now) else { continue }
        collections[index].toDo.removeAll { $0 == collector }
        collections[index].draft.fail(collector, "\(collector.rawValue): \(Self.hangs)", after: now - asked.since)
      }
      let collection = collections[index]
      if collection.toDo.isEmpty && collection.running.isEmpty { answers.append((collection.draft, collection.waiters.map(\.reply))) }
    }
    collections.removeAll { $0.toDo.isEmpty && $0.running.isEmpty }
  }

  private static var hangs: String { "hangs in an earlier scrape, and is not asked again before it has returned" }
}
