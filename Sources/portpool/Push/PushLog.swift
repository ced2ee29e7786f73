internal import Exposition
internal import Kernel
internal import Logging
internal import Push

/// Logs pushes when something changes: the first failure of a kind, and the first success after one. The rest is for `debug`.
struct PushLog: Sendable {
  let logger: Logger

  func note(_ event: PushEvent) {
    switch event {
    case .arrived(let duration, let recovered):
      logger.log(level: recovered ? .info : .debug, recovered ? "push works again" : "pushed", metadata: ["duration": "\(duration)"])
    case .failed(let error, let repeated):
      logger.log(
        level: repeated ? .debug : .error, "push failed", metadata: ["reason": "\(error.reason.rawValue)", "error": "\(error)"])
    case .skipped(let count):
      logger.debug("pushes skipped, because one took longer than the interval", metadata: ["count": "\(count)"])
    case .finished:
      logger.debug("push ended")
    }
  }
}

extension PushLoop {
  /// The loop of this program: secrets are files of this host, events are logged.
  ///
  /// - Throws: `CommandError` when libcurl is missing or a secret cannot be read.
  convenience init(
    _ configuration: PushConfiguration, log: PushLog?, collect: @escaping @Sendable () -> MetricSet
  ) throws {
    do {
      try self.init(
        configuration, readFile: { try FileReader.bytes(of: $0, limit: 1 << 16) }, collect: collect, report: { log?.note($0) })
    } catch {
      throw CommandError("\(error)")
    }
  }
}
