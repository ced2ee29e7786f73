internal import FoundationEssentials
internal import Kernel
internal import Logging

/// Writes each message of swift-log as one line on standard error.
struct LineLogHandler: LogHandler {
  var logLevel: Logger.Level
  var metadata: Logger.Metadata = [:]
  let format: LogFormat

  init(level: Logger.Level, format: LogFormat) {
    logLevel = level
    self.format = format
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let all = metadata.merging(event.metadata ?? [:]) { _, new in new }
    let time = Date().formatted(.iso8601)
    let line = format.line(
      time: time, level: event.level == .warning ? "warn" : event.level.rawValue, message: event.message.description,
      fields: all.sorted { $0.key < $1.key }.map { ($0.key, $0.value.description) })
    StandardError.log.write(line) { dropped in
      format.line(
        time: time, level: "warn", message: "log lines were dropped, because standard error was full", fields: [("count", "\(dropped)")]
      )
    }
  }
}
