internal import Kernel

/// Counting inside the kernel, which takes rights to begin with and none to go on.
enum KernelCounting {
  /// Loads the programs if the process may, and gives up the rights that it takes. To be called on the first thread, before it makes another: each has
  /// rights of its own. Why it may not, each snapshot says.
  ///
  /// - Parameters:
  ///   - sockets: those that count sockets.
  ///   - refusals: those that count refused ports.
  static func begin(sockets: Bool, refusals: Bool) {
    guard sockets || refusals else { return }
    if sockets { _ = SocketCounter.prepare() }
    if refusals { RefusalCounter.prepare() }
    for right in [Capability.programs, .performanceMonitoring] { right.drop() }
  }
}
