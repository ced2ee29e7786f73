internal import Kernel
internal import Logging

/// Counting inside the kernel, which takes rights to begin with and none to go on.
enum KernelCounting {
  /// Loads the programs if the process may, and gives up the rights that it takes. To be called on the first thread, before it makes another: each has
  /// rights of its own. Why it may not, each snapshot says.
  ///
  /// - Parameters:
  ///   - sockets: how many namespaces' sockets will be counted; `nil` for none.
  ///   - refusals: whether calls that are refused a port will be.
  static func begin(sockets: CounterRoom?, refusals: Bool, _ logger: Logger) {
    guard sockets != nil || refusals else { return }
    if let sockets { _ = SocketCounter.prepare(sockets) }
    if refusals { RefusalCounter.prepare() }
    do throws(SystemCallError) {
      for right in [Capability.programs, .performanceMonitoring] { try right.drop() }
    } catch {
      logger.warning(
        "the rights to load BPF programs, no longer needed, could not be given up",
        metadata: ["error": "\(error)", "remedy": "allow the system call capset"])
    }
  }
}
