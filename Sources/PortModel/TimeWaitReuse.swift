/// When `connect()` may take a port whose only socket for the tuple is in TIME_WAIT.
///
/// Kernel: `tcp_twsk_unique` in `net/ipv4/tcp_ipv4.c`, `net.ipv4.tcp_tw_reuse`.
package struct TimeWaitReuse: Sendable, Hashable {
  /// The sysctl `tcp_tw_reuse`.
  package struct Mode: RawRepresentable, Sendable, Hashable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let never = Mode(rawValue: 0)
    package static let always = Mode(rawValue: 1)
    /// The default: only when one end is a loopback address, or the socket is bound to the loopback device.
    package static let loopbackOnly = Mode(rawValue: 2)
  }

  package let mode: Mode
  /// The age at which a TIME_WAIT socket becomes reusable, in milliseconds: `tcp_tw_reuse_delay`, or 1000 on kernels without that file.
  package let delay: UInt32
  /// `tcp_timestamps` is on. Without timestamps no TIME_WAIT socket is ever reused.
  package let hasTimestamps: Bool

  /// FIN_WAIT2 without an owner is reused as TIME_WAIT is.
  package let includesFinWait2: Bool
  /// How many milliseconds the kernel's current second is old, where the kernel tells ages by whole seconds: then a TIME_WAIT is old enough once the
  /// second that it began in is over, and ``delay`` does not matter. `nil` where it counts milliseconds, and where that is not known, which is never too
  /// much.
  package let secondAge: UInt32?

  package init(
    mode: Mode, delay: UInt32 = 1000, hasTimestamps: Bool = true, includesFinWait2: Bool = false, secondAge: UInt32? = nil
  ) {
    self.mode = mode
    self.delay = delay
    self.hasTimestamps = hasTimestamps
    self.includesFinWait2 = includesFinWait2
    self.secondAge = secondAge
  }

  /// The same settings on a kernel with these abilities, at a moment `millisecondOfSecond` into a second of its clock.
  package func on(_ abilities: KernelAbilities, millisecondOfSecond: UInt32) -> TimeWaitReuse {
    TimeWaitReuse(
      mode: mode, delay: delay, hasTimestamps: hasTimestamps, includesFinWait2: abilities[.reusesFinWait2] == true,
      secondAge: abilities[.countsMilliseconds] == false ? millisecondOfSecond : nil)
  }

  /// How long TIME_WAIT lasts, in milliseconds. Kernel: `TCP_TIMEWAIT_LEN` in `include/net/tcp.h`.
  package static let timeWaitLength: UInt32 = 60_000

  /// The number of `lo` in every namespace. Kernel: `LOOPBACK_IFINDEX` in `include/net/flow.h`.
  @inlinable package static var loopbackDevice: UInt32 { 1 }

  /// Whether the kernel would give the port of `record` to the same tuple again.
  ///
  /// FIN_WAIT2 without an owner lasts as long as TIME_WAIT by default (`tcp_fin_timeout`); where that is shorter, its first second is taken for over.
  @inlinable
  package func allows(_ record: SocketRecord) -> Bool {
    guard record.state == .timeWait || (includesFinWait2 && record.state == .finWait2 && record.timeWaitRemaining > 0) else { return false }
    let age = Self.timeWaitLength &- min(record.timeWaitRemaining, Self.timeWaitLength)
    guard hasTimestamps, age > secondAge ?? min(delay, Self.timeWaitLength) else { return false }
    switch mode.rawValue {
    case 1: return true
    case 2: return record.local.isLoopback || record.remote.isLoopback || record.device == Self.loopbackDevice
    default: return false
    }
  }
}
