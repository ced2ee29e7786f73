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
      logger.debug("pushes left out, because one took longer than the interval", metadata: ["count": "\(count)"])
    case .finished:
      logger.debug("push ended")
    }
  }
}
