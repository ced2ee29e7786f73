internal import Exposition
internal import Kernel
internal import Push

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
