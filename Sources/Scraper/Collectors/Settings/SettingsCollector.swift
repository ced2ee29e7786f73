internal import Kernel
internal import PortModel

/// Reads the pool's settings. Other collectors need them, so that they are read for every snapshot, and this collector decides whether they are shown.
final class SettingsCollector: Collector {
  static let name = CollectorName.settings
  static let isDefault = true
  static let help = "The pool's settings: range, reserved ports, TIME_WAIT reuse"
  static let reach = CollectorReach.ownNamespace

  /// What `tcp_timestamps` was at the last snapshot, and until when connections from before its last change may be in TIME_WAIT.
  private var hadTimestamps: Bool?
  private var uncertainUntil: ContinuousClock.Instant?

  /// That the namespace is not the host's; known once for all.
  private let ownRemark: String?

  init(_ configuration: ScraperConfiguration) {
    ownRemark = OwnNamespace.remark(configuration.proc)
  }

  func collect(_ look: inout NamespaceLook) throws(ReadError) -> CollectorReport {
    let settings = try NamespaceSettings(reading: look.view.proc)
    look.view.settings = settings
    var report = CollectorReport(remark: ownRemark)
    if let remark = remark(hasTimestamps: settings.pool.timeWaitReuse.hasTimestamps, now: .now) { report.add(remark) }
    return report
  }

  /// A TIME_WAIT is reused if its own connection had timestamps, which no table tells, so that the setting of now is taken. For as long as TIME_WAIT
  /// lasts after a change that may be wrong.
  func remark(hasTimestamps: Bool, now: ContinuousClock.Instant) -> String? {
    if let hadTimestamps, hadTimestamps != hasTimestamps {
      uncertainUntil = now + .milliseconds(TimeWaitReuse.timeWaitLength)
    }
    hadTimestamps = hasTimestamps
    guard let uncertainUntil, now < uncertainUntil else { return nil }
    return
      "net.ipv4.tcp_timestamps was switched \(hasTimestamps ? "on" : "off") within the last minute: ports in TIME_WAIT from before are counted as \(hasTimestamps ? "" : "not ")reusable, and the kernel may see it otherwise"
  }
}
