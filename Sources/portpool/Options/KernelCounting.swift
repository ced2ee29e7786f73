internal import Kernel
internal import Logging

/// Counting inside the kernel, which takes rights to begin with and none to go on.
enum KernelCounting {
  /// Loads the programs if the process may, and gives up the rights that it takes. To be called on the first thread, before it makes another: each has
  /// rights of its own. Why it may not, each snapshot says.
  ///
  /// - Parameter room: how many namespaces will be counted.
  static func begin(_ room: CounterRoom, _ logger: Logger) {
    _ = SocketCounter.prepare(room)
    do throws(SystemCallError) {
      for right in [Capability.programs, .performanceMonitoring] { try right.drop() }
    } catch {
      logger.warning(
        "the rights to load BPF programs, no longer needed, could not be given up",
        metadata: ["error": "\(error)", "remedy": "allow the system call capset"])
    }
  }
}
