package import Kernel
internal import KernelFormats
package import PortModel

/// Reads how full the connection tracking table is, and what it lost. No right is needed.
final class ConntrackCollector: Collector {
  static let name = CollectorName.conntrack
  static let isDefault = true
  static let help = "The connection tracking table: entries, limit and losses"
  /// A gateway has few sockets and many tracked connections.
  static let reach = CollectorReach.everyNamespace

  init(_ configuration: ScraperConfiguration) {}

  func collect(_ look: inout NamespaceLook) throws(ReadError) -> CollectorReport {
    look.collected[Conntrack.self] = try Conntrack(reading: look.view.proc)
    return CollectorReport()
  }
}

extension Conntrack {
  /// Reads the namespace that `proc` shows; `nil` without connection tracking.
  package init?(reading proc: ProcFileSystem) throws(ReadError) {
    self.init(fill: try Fill(reading: proc), counters: try Counters(reading: proc))
    if fill == nil && counters == nil { return nil }
  }
}

extension Conntrack.Fill {
  /// Reads `nf_conntrack_count` and `nf_conntrack_max`, which show only the namespace of the reader.
  init?(reading proc: ProcFileSystem) throws(ReadError) {
    if case .other = proc.view { return nil }
    let directory = "\(proc.root)/sys/net/netfilter"
    guard let entries = try Sysctl.numberIfReadable("\(directory)/nf_conntrack_count"),
      let limit = try Sysctl.numberIfReadable("\(directory)/nf_conntrack_max")
    else { return nil }
    self.init(entries: entries, limit: limit)
  }
}

extension Conntrack.Counters {
  /// Reads `/proc/net/stat/nf_conntrack`, which not every kernel has; an empty one is as good as none.
  package init?(reading proc: ProcFileSystem) throws(ReadError) {
    let stat = try FileReader.valueIfReadable(of: proc.net("stat/nf_conntrack")) { bytes throws(FormatError) in
      bytes.isEmpty ? nil : try ConntrackStatFormat(bytes)
    }
    guard let stat = stat ?? nil else { return nil }
    self.init(insertFailed: stat.insertFailed, dropped: stat.dropped, droppedEarly: stat.droppedEarly, takenProbes: stat.found)
  }
}
