/// Runs a piece of work once for everyone who asks while it runs.
///
/// Nothing is kept: whoever asks after the work has ended starts it again, so that every answer is as fresh as its request.
actor SharedWork<Key: Hashable & Sendable, Value: Sendable> {
  private struct Running {
    let identity: Int
    let deadline: ContinuousClock.Instant?
    let task: Task<Value, any Error>
  }

  /// How much later than the work's own the deadline of a client that joins may be. Clients that ask together with the same
  /// timeout differ by less; one with a much longer timeout must not get the partial answer made for one with a short.
  static var slack: Duration { .seconds(1) }

  private var running: [Key: [Running]] = [:]
  private var nextIdentity = 0

  /// The value of the work under way for `key` that ends in time, or else of new work.
  func value(
    for key: Key, deadline: ContinuousClock.Instant? = nil, work: @escaping @Sendable () async throws -> Value
  ) async throws -> Value {
    if let joined = running[key]?.first(where: { Self.suits($0.deadline, deadline) }) { return try await joined.task.value }
    let identity = nextIdentity
    nextIdentity += 1
    let task = Task { try await work() }
    running[key, default: []].append(Running(identity: identity, deadline: deadline, task: task))
    defer {
      running[key]?.removeAll { $0.identity == identity }
      if running[key]?.isEmpty == true { running[key] = nil }
    }
    return try await task.value
  }

  private static func suits(_ theirs: ContinuousClock.Instant?, _ mine: ContinuousClock.Instant?) -> Bool {
    guard let mine else { return theirs == nil }
    guard let theirs else { return false }
    return theirs <= mine && mine - theirs <= slack
  }
}
