/// Where the server's log lines go: a function of the program and the least level it wants.
package struct EndpointLog: Sendable {
  private let level: EndpointEvent.Level
  private let write: @Sendable (EndpointEvent) -> Void

  /// A log that passes on events of `level` and above.
  package init(level: EndpointEvent.Level = .info, write: @escaping @Sendable (EndpointEvent) -> Void) {
    self.level = level
    self.write = write
  }

  /// Makes an event only when someone wants it: the fields of a debug line cost nothing otherwise.
  func callAsFunction(
    _ level: EndpointEvent.Level, _ message: String, _ fields: @autoclosure () -> [(name: String, value: String)] = []
  ) {
    guard level >= self.level else { return }
    write(EndpointEvent(level, message, fields()))
  }
}

/// Something worth a log line. The server has no logger: the program hands it a function that takes these.
///
/// `Level.info`, `"listening"`, `[("address", "[::]:10097")]`
package struct EndpointEvent: Sendable {
  /// How much it matters, in the words of `--log.level`.
  package enum Level: String, Sendable, Hashable, Comparable, CaseIterable {
    case debug, info, warning, error

    /// `debug` is least.
    package static func < (left: Level, right: Level) -> Bool {
      let order: [Level] = [.debug, .info, .warning, .error]
      return (order.firstIndex(of: left) ?? 0) < (order.firstIndex(of: right) ?? 0)
    }
  }

  /// How much it matters.
  package let level: Level
  /// One clause, lower case, without values.
  package let message: String
  /// The values, in the order to print.
  package let fields: [(name: String, value: String)]

  init(_ level: Level, _ message: String, _ fields: [(name: String, value: String)] = []) {
    self.level = level
    self.message = message
    self.fields = fields
  }
}
