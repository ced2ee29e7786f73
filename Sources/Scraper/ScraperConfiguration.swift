package import Kernel
package import PortModel

/// What the command line decides about scraping.
package struct ScraperConfiguration: Sendable, Hashable {
  package var proc: ProcFileSystem
  package var source: SourceChoice
  /// Whether ``SourceChoice/auto`` counts inside the kernel. For whoever has the rights to begin with: nobody asked for it, so that their lack is nothing to
  /// be told of in each snapshot.
  package var countsInKernel: Bool
  /// Ranges that the user named; they may overlap.
  package var namedRanges: [NamedRange]
  /// How many of the fullest tuples a snapshot lists; `nil` for all.
  package var tupleLimit: Int?
  /// What the collector `namespaces` does.
  package var namespaces: NamespaceOptions
  /// Where control groups are mounted (`--path.cgroupfs`).
  package var controlGroups: String
  /// How many owners of a namespace are listed (`--owners.top`).
  package var topOwners: Int
  /// How long one socket has held a UDP port that counts as a server's.
  package var udpServerAge = PortTenure.serverAge
  /// What the collector `snat` does.
  package var snat: SnatOptions

  package init(
    proc: ProcFileSystem = ProcFileSystem(), source: SourceChoice = .auto, countsInKernel: Bool = false, namedRanges: [NamedRange] = [],
    tupleLimit: Int? = 100, namespaces: NamespaceOptions = NamespaceOptions(), controlGroups: String = "/sys/fs/cgroup",
    topOwners: Int = 20, snat: SnatOptions = SnatOptions()
  ) {
    self.proc = proc
    self.source = source
    self.countsInKernel = countsInKernel
    self.namedRanges = namedRanges
    self.tupleLimit = tupleLimit
    self.namespaces = namespaces
    self.controlGroups = controlGroups
    self.topOwners = topOwners
    self.snat = snat
  }
}

extension ScraperConfiguration {
  /// From how many TCP sockets on it is cheaper to load what counts in the kernel than to list the sockets once over netlink. Loading takes 0.1 s of a
  /// processor; counted in the kernel, each socket takes a microsecond less. What is left is for a busy host.
  package static let socketsWorthLoading = 150_000

  /// Whether counting so many sockets so many times is cheaper in the kernel, loading included.
  package static func isWorthLoading(sockets: UInt64, looks: Int) -> Bool {
    let (counted, overflows) = sockets.multipliedReportingOverflow(by: UInt64(max(looks, 0)))
    return overflows || counted >= socketsWorthLoading
  }

  /// Whether ``SourceChoice/auto`` is to count in the kernel in a process that takes so many snapshots and no more: where it may, and where that is cheaper.
  package static func isWorthLoading(_ proc: ProcFileSystem, looks: Int = 1) -> Bool {
    guard proc.isLive, let totals = (try? SocketTotals(reading: proc)) ?? nil else { return false }
    return isWorthLoading(sockets: totals.tcp, looks: looks) && SocketCounter.mayLoad
  }
}
