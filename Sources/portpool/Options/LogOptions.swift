internal import ArgumentParser
internal import Logging

/// What is logged, and how.
struct LogOptions: ParsableArguments {
  enum Level: String, ExpressibleByArgument, CaseIterable, Sendable {
    case debug, info, warn, error

    var level: Logger.Level {
      switch self {
      case .debug: .debug
      case .info: .info
      case .warn: .warning
      case .error: .error
      }
    }
  }

  @Option(name: .customLong("log.level"), help: "The lowest level to log, on standard error.")
  var level = Level.info

  @Option(name: .customLong("log.format"), help: "The format of log lines.")
  var format = LogFormat.logfmt

  /// A logger that writes as the flags say.
  func makeLogger() -> Logger {
    let (level, format) = (level.level, format)
    return Logger(label: "portpool") { _ in LineLogHandler(level: level, format: format) }
  }
}
