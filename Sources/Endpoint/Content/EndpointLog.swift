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
