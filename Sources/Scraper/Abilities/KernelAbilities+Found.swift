package import Kernel
package import PortModel

extension KernelAbilities {
  /// What files, options and one filtered walk tell of the running kernel: milliseconds. Empty for a copy of `/proc`, which tells nothing of this one.
  package init(of proc: ProcFileSystem) {
    self.init()
    guard proc.isLive else { return }
    self[.listsBoundSockets] = SocketLister(proc).listsBoundSockets
    self[.hasSocketRange] = LoopbackSocket.canNarrow
    self[.hasReuseDelay] = Self.has("tcp_tw_reuse_delay", proc)
    self[.hasStepWidth] = Self.has("ip_local_port_step_width", proc)
  }

  /// Adds what connections of our own show of the running kernel, on loopback and for less than three seconds.
  package mutating func tryReuse(_ proc: ProcFileSystem) {
    guard proc.isLive else { return }
    let trial = ReuseTrial(proc)
    self[.reusesFinWait2] = trial.reusesFinWait2
    self[.countsMilliseconds] = trial.countsMilliseconds
  }

  /// Whether the kernel has a setting; `nil` where that cannot be seen.
  private static func has(_ sysctl: String, _ proc: ProcFileSystem) -> Bool? {
    do { return try Sysctl.bytes(of: proc.sysctl(sysctl)) != nil } catch { return nil }
  }
}
