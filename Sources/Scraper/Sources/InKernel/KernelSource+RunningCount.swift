internal import Kernel
internal import PortModel

/// Counts are held against the kernel's own running count of a namespace's sockets (`sockstat`).
extension KernelSource {
  static func misfit(_ counted: Int, _ totals: SocketTotals) -> String {
    "\(counted) TCP sockets were counted in the kernel, whose own count is \(totals.tcp)"
  }

  static func misfit(udp counted: Int, _ totals: SocketTotals) -> String {
    "\(counted) UDP sockets were counted in the kernel, whose own count is \(totals.udp)"
  }

  /// Whether a count agrees with the kernel's own before and after it, but for what may have come and gone meanwhile.
  private static func fits(_ counted: Int, _ before: Int, _ after: Int) -> Bool {
    let slack = 16 + max(before, after) / 64
    return counted >= min(before, after) - slack && counted <= max(before, after) + slack
  }

  /// The sockets of a namespace that are in the kernel's running count; `nil` for those that were not counted.
  struct RunningCount: Sendable {
    let tcp: Int?
    let udp: Int?

    func tcpFits(_ before: SocketTotals, _ after: SocketTotals) -> Bool {
      tcp.map { KernelSource.fits($0, Int(clamping: before.tcp), Int(clamping: after.tcp)) } ?? true
    }

    func udpFits(_ before: SocketTotals, _ after: SocketTotals) -> Bool {
      udp.map { KernelSource.fits($0, Int(clamping: before.udp), Int(clamping: after.udp)) } ?? true
    }

    func fits(_ before: SocketTotals, _ after: SocketTotals) -> Bool { tcpFits(before, after) && udpFits(before, after) }
  }
}
