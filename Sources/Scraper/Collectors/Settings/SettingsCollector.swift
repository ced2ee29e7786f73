internal import Kernel
internal import PortModel

/// Reads the pool's settings. Other collectors need them, so that they are read for every snapshot, and this collector decides whether they are shown.
final class SettingsCollector: Collector {
  static let name = CollectorName.settings
  static let isDefault = true
  static let help = "The pool's settings: range, reserved ports, TIME_WAIT reuse"
  static let reach = CollectorReach.ownNamespace

  init(_ configuration: ScraperConfiguration) {}

  func collect(_ look: inout NamespaceLook) throws(ReadError) -> CollectorReport {
    look.view.settings = try NamespaceSettings(reading: look.view.proc)
    return CollectorReport(remark: OwnNamespace.remark(look.view.proc))
  }
}
