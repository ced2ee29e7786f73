internal import Kernel
internal import PortModel

/// Reads how long the kernel searched for free ports since this process times it: on the whole host, whatever namespaces others look at.
final class PortSearchCollector: Collector {
  static let name = CollectorName.portSearch
  static let isDefault = false
  static let help = "Time the kernel spends searching for free ports, over all namespaces"
  static let reach = CollectorReach.ownNamespace

  private let proc: ProcFileSystem

  init(_ configuration: ScraperConfiguration) { proc = configuration.proc }

  func collect(_ look: inout NamespaceLook) throws(ReadError) -> CollectorReport {
    guard proc.isLive else { throw .refused("ports are searched for by the running kernel, and \(proc.root) is a copy of another's files") }
    look.collected[PortSearches.self] = try PortSearchTimer.reading()
    return CollectorReport()
  }
}
