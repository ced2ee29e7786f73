internal import ArgumentParser
internal import Kernel
internal import PortModel
internal import Scraper

extension SourceChoice: ExpressibleByArgument {}

/// The options of every command that reads from the kernel.
struct ScrapeOptions: ParsableArguments {
  @Option(name: .customLong("path.procfs"), help: ArgumentHelp("Where the process file system is mounted.", valueName: "path"))
  var procfs = "/proc"

  @Option(
    help:
      "Where sockets are read: bpf (counted in the kernel, exact), netlink (inet_diag), proc, or auto: bpf with CAP_BPF and CAP_PERFMON where loading it pays, else netlink, and proc where the kernel refuses."
  )
  var source = SourceChoice.auto

  @Option(
    name: .customLong("range"),
    help: ArgumentHelp(
      "Count the sockets on these ports separately, such as nodeport=30000-32767. May be repeated, and ranges may overlap.",
      valueName: "name=lo-hi"),
    transform: { try NamedRange(argument: $0) })
  var ranges: [NamedRange] = []

  @Option(
    name: .customLong("snat-range"),
    help: ArgumentHelp(
      "The ports of a translated address, such as 203.0.113.7=1024-65535, regardless of the rules. May be repeated (default: read from the rules).",
      valueName: "address=lo-hi"),
    transform: { try SnatPool(argument: $0) })
  var snatRanges: [SnatPool] = []

  @OptionGroup(title: "Other namespaces") var namespaces: NamespaceCollectorOptions

  @OptionGroup(title: "Owners") var owners: OwnerOptions

  func validate() throws { try NamedRange.checkNames(of: ranges) }

  /// A wrong mount point is an error at the start, not a collector that always fails.
  func checkProcessFileSystem() throws {
    let path = ProcFileSystem(root: procfs).net("tcp")
    do {
      _ = try FileDescriptor(reading: path)
    } catch {
      throw CommandError("--path.procfs \(procfs): \(error); give the mount point of a process file system, such as /proc")
    }
  }

  /// - Parameters:
  ///   - looks: how many snapshots will be taken; `nil` for as many as there is time for, by a command that has prepared its sources.
  ///   - isOneLook: nobody scrapes again in a minute, so that what is costly to read is read even on an idle host.
  func scraperConfiguration(tupleLimit: Int?, looks: Int?, isOneLook: Bool = false) -> ScraperConfiguration {
    let proc = ProcFileSystem(root: procfs)
    return ScraperConfiguration(
      proc: proc, source: source, countsInKernel: countsInKernel(proc, tupleLimit, looks: looks), namedRanges: ranges,
      tupleLimit: tupleLimit, namespaces: namespaces.namespaceOptions, controlGroups: owners.controlGroups, topOwners: owners.top,
      snat: SnatOptions(ranges: snatRanges, readsCalmTables: isOneLook))
  }

  /// Whether `auto` does. It lists more tuples over netlink than are counted one by one in the kernel: who wants them all has them listed.
  private func countsInKernel(_ proc: ProcFileSystem, _ tupleLimit: Int?, looks: Int?) -> Bool {
    guard let looks else { return KernelCounting.isBestOfAll(self) }
    return source == .auto && tupleLimit != nil && ScraperConfiguration.isWorthLoading(proc, looks: looks)
  }
}
