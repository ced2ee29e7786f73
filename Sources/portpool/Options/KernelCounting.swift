internal import Kernel
internal import Logging
internal import PortModel
internal import Scraper

/// A command that counts again and again, and loads what counts in the kernel before it makes another thread.
protocol KernelCountingCommand {
  /// To be called on the first thread.
  func prepareSources()
}

/// Counting inside the kernel, which takes rights to begin with and none to go on.
enum KernelCounting {
  /// Loads the programs if the process may, and gives up the rights that it takes. To be called on the first thread, before it makes another: each has
  /// rights of its own. Why programs that it may load do not count, each snapshot says.
  ///
  /// - Parameters:
  ///   - collectors: those that will be asked for sockets, for refused calls and for the search for ports.
  ///   - logger: what is told that `auto` may not count in the kernel; `nil` where nobody is.
  static func begin(_ scrape: ScrapeOptions, _ collectors: Set<CollectorName>, _ logger: Logger?) {
    let (countsRefusals, timesSearches) = (collectors.contains(.refusals), collectors.contains(.portSearch))
    let isAttached = countsRefusals || timesSearches
    guard isWanted(scrape) || isAttached else { return }
    let refusal = isWanted(scrape) ? SocketCounter.prepare(collectors.contains(.namespaces) ? .all : .own) : nil
    if countsRefusals { RefusalCounter.prepare() }
    if timesSearches { PortSearchTimer.prepare() }
    if scrape.source == .auto, let refusal, refusal.lacksRights {
      logger?.info(
        "sockets are listed over netlink, not counted in the kernel",
        metadata: [
          "reason": "\(refusal)", "remedy": "grant the rights (docs/counting-in-the-kernel.md), or choose this with --source netlink",
        ])
      // Nobody asked for anything that takes them.
      guard isAttached else { return }
    }
    do throws(SystemCallError) {
      for right in [Capability.programs, .performanceMonitoring] { try right.drop() }
    } catch {
      logger?.warning(
        "the rights to load BPF programs, no longer needed, could not be given up",
        metadata: ["error": "\(error)", "remedy": "allow the system call capset"])
    }
  }

  /// Whether `auto` counts in the kernel in a process that goes on counting: always where it may, since loading is paid for once. What was found out by
  /// ``begin(_:_:_:)`` holds, though the rights are gone since.
  static func isBestOfAll(_ scrape: ScrapeOptions) -> Bool {
    scrape.source == .auto && isWanted(scrape) && SocketCounter.prepare()?.lacksRights != true
  }

  /// A copy of `/proc` says nothing about the kernel that this runs on.
  private static func isWanted(_ scrape: ScrapeOptions) -> Bool {
    switch scrape.source {
    case .bpf: true
    case .auto: ProcFileSystem(root: scrape.procfs).isLive
    case .netlink, .proc: false
    }
  }
}
