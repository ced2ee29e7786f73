internal import Kernel
internal import PortModel

/// Reads how full the pools of address translation are: which ports the rules hand out, and which ones the entries of the connection tracking table hold.
///
/// ctnetlink takes CAP_NET_ADMIN and `/proc/net/nf_conntrack` group 0; the first that the host allows is read. The rules take CAP_NET_ADMIN, and without
/// it the kernel's default is assumed, which a remark and `portpool_snat_range_info` say. No range is ever guessed from ports that are in use.
///
/// The table is walked only if it can hold a full tuple. While `nf_conntrack_count` is below what a search for a port looks at, nothing can fail.
final class SnatCollector: Collector {
  static let name = CollectorName.snat
  static let isDefault = false
  static let help = "The ports that SNAT and masquerade translate to, and the chance that the next connection finds none"
  /// A gateway has few sockets and many translated connections.
  static let reach = CollectorReach.everyNamespace

  private let configuration: ScraperConfiguration
  private var rules = TranslationRules()
  private var tally = SnatTally()
  /// The addresses that each namespace translates to, so that one walk is enough.
  private var sources: [NetworkNamespaceID?: Set<IPAddress>] = [:]
  /// The namespaces of this snapshot.
  private var seen: Set<NetworkNamespaceID> = []

  init(_ configuration: ScraperConfiguration) {
    self.configuration = configuration
  }

  func beginSnapshot() {
    rules.retain(seen)
    sources.retain(seen)
    seen = []
  }

  func collect(_ look: inout NamespaceLook) throws(ReadError) -> CollectorReport {
    if let id = look.view.id { seen.insert(id) }
    let fill = try Conntrack.Fill(reading: look.view.proc)
    var report = CollectorReport()
    let pools = try pools(look, &report)
    if let fill, !configuration.snat.readsCalmTables, Self.isCalm(fill.entries, pools) {
      look.collected[Snat.self] = Snat(pools: pools, table: nil)
      return report
    }
    let local = try localAddresses(look)
    tally.begin(pools: pools, local: local, known: sources[look.view.id] ?? [])
    guard var incomplete = try read(look, &report) else { return report }
    if tally.hasLateSource {
      tally.restart()
      incomplete = try read(look, &report) ?? incomplete
    }
    sources[look.view.id] = tally.foundSources
    let table = tally.result(limit: configuration.tupleLimit, evictsClosing: Self.evictsClosing, incomplete: incomplete)
    if table.uncountedPorts > 0 {
      report.add("more tuples than fit: the smallest are left out, and any other may hold up to \(table.uncountedPorts) ports more")
    }
    look.collected[Snat.self] = Snat(pools: pools, table: table)
    return report
  }

  /// Whether no search for a port can fail, and no tuple be half full, with so few entries.
  static func isCalm(_ entries: UInt64, _ pools: [SnatPool]) -> Bool {
    let smallest = TrackedProtocol.translated.flatMap { transport in pools.compactMap { $0.range(for: transport)?.count } }.min()
    return entries < UInt64(SnatSearch.longestWindow) && entries * 2 <= UInt64(smallest ?? .max)
  }

  /// Linux 6.5 and later give the port of a closing connection to a new one. Nothing shows that but the version: the functions that do it may be
  /// compiled into others, and to try takes a gateway. Where a distribution has carried the change back, the chance of failure is less than reported.
  private static let evictsClosing = KernelRelease.current.map { $0 >= KernelRelease(major: 6, minor: 5) } ?? false

  private func pools(_ look: NamespaceLook, _ report: inout CollectorReport) throws(ReadError) -> [SnatPool] {
    let named = configuration.snat.ranges
    guard look.view.isInside else { return named + [.assumed] }
    do throws(ReadError) {
      return named + (try rules.pools(of: look.view.id, legacy: Self.legacyFamilies(look.view.proc), until: look.deadline))
    } catch {
      guard case .systemCall(let call) = error else { throw error }
      if named.isEmpty {
        report.add(
          "rules of address translation: \(call): without CAP_NET_ADMIN their ports are assumed to be 1024–65535; name others with --snat-range"
        )
      }
      return named + [.assumed]
    }
  }

  /// The families that iptables-legacy has a table of address translation for, apart from those of nf_tables. One that may not be seen may not be read
  /// either.
  ///
  /// Kernel: `xt_table_open` in `net/netfilter/x_tables.c`.
  private static func legacyFamilies(_ proc: ProcFileSystem) -> [AddressFamily] {
    [(AddressFamily.ipv4, "ip_tables_names"), (.ipv6, "ip6_tables_names")].compactMap { family, file in
      guard let bytes = try? FileReader.bytesIfPresent(of: proc.net(file)) else { return nil }
      return bytes.split(separator: UInt8(ascii: "\n")).contains { $0.elementsEqual("nat".utf8) } ? family : nil
    }
  }

  /// The addresses of the namespace, which its settings have where its sockets are read.
  private func localAddresses(_ look: NamespaceLook) throws(ReadError) -> LocalAddresses {
    if let local = look.view.settings?.localAddresses, !local.addresses.isEmpty { return local }
    return try LocalAddresses(reading: look.view.proc, until: look.deadline)
  }

  /// Lets the tally see every entry. `nil` if there is no connection tracking.
  private func read(_ look: NamespaceLook, _ report: inout CollectorReport) throws(ReadError) -> Int? {
    var refusal: SystemCallError?
    if look.view.isInside, configuration.source != .proc {
      do throws(ReadError) {
        return try ConntrackTable.dump(until: look.deadline) { tally.observe($0) }
      } catch {
        guard case .systemCall(let call) = error, configuration.source == .auto else { throw error }
        refusal = call
        tally.restart()
      }
    }
    do throws(ReadError) {
      guard try ConntrackTable.readFile(look.view.proc, until: look.deadline, { tally.observe($0) }) else { return nil }
    } catch {
      guard case .systemCall(let call) = error, call.isPermissionDenied else { throw error }
      let reasons = [refusal.map { "\($0)" }, "\(call)"].compactMap { $0 }.joined(separator: "; ")
      throw .refused("\(reasons): reading translated connections takes CAP_NET_ADMIN, or group root for /proc/net/nf_conntrack")
    }
    if let refusal { report.add("\(refusal); reading /proc/net/nf_conntrack instead, which does not show fixed timeouts") }
    return 0
  }
}
