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

  package init(mode: Mode, delay: UInt32 = 1000, hasTimestamps: Bool = true) {
    self.mode = mode
    self.delay = delay
    self.hasTimestamps = hasTimestamps
  }

  /// How long TIME_WAIT lasts, in milliseconds. Kernel: `TCP_TIMEWAIT_LEN` in `include/net/tcp.h`.
  package static let timeWaitLength: UInt32 = 60_000

  /// The number of `lo` in every namespace. Kernel: `LOOPBACK_IFINDEX` in `include/net/flow.h`.
  @inlinable package static var loopbackDevice: UInt32 { 1 }

  /// Whether the kernel would give the port of `record`, which is in TIME_WAIT, to the same tuple again.
  @inlinable
  package func allows(_ record: SocketRecord) -> Bool {
    guard hasTimestamps, record.timeWaitRemaining < Self.timeWaitLength &- min(delay, Self.timeWaitLength) else { return false }
    switch mode.rawValue {
    case 1: return true
    case 2: return record.local.isLoopback || record.remote.isLoopback || record.device == Self.loopbackDevice
    default: return false
    }
  }
}
