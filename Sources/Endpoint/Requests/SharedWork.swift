/// Runs a piece of work once for everyone who asks while it runs.
///
/// Nothing is kept: whoever asks after the work has ended starts it again, so that every answer is as fresh as its request.
actor SharedWork<Key: Hashable & Sendable, Value: Sendable> {
  private var running: [Key: Task<Value, any Error>] = [:]

  /// The value of the work under way for `key`, or else of new work.
  func value(for key: Key, work: @escaping @Sendable () async throws -> Value) async throws -> Value {
    if let task = running[key] { return try await task.value }
    let task = Task { try await work() }
    running[key] = task
    defer { running[key] = nil }
    return try await task.value
  }
}
