package import Kernel
package import PortModel

/// What the command line decides about scraping.
package struct ScraperConfiguration: Sendable, Hashable {
  package var proc: ProcFileSystem
  package var source: SourceChoice
  /// Whether ``SourceChoice/auto`` counts inside the kernel where it may: worth it for whoever counts again and again.
  package var countsInKernel = false
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
    proc: ProcFileSystem = ProcFileSystem(), source: SourceChoice = .auto, namedRanges: [NamedRange] = [], tupleLimit: Int? = 100,
    namespaces: NamespaceOptions = NamespaceOptions(), controlGroups: String = "/sys/fs/cgroup", topOwners: Int = 20,
    snat: SnatOptions = SnatOptions()
  ) {
    self.proc = proc
    self.source = source
    self.namedRanges = namedRanges
    self.tupleLimit = tupleLimit
    self.namespaces = namespaces
    self.controlGroups = controlGroups
    self.topOwners = topOwners
    self.snat = snat
  }
}
