internal import Kernel
internal import KernelFormats
internal import PortModel

/// What the rules of address translation hand out, by namespace: those of nf_tables, which iptables writes too, and those of iptables-legacy. Read again
/// only when they have changed, as far as the kernel tells.
struct TranslationRules {
  private var known: [NetworkNamespaceID?: (generation: UInt32, pools: [SnatPool])] = [:]
  private var legacy: [NetworkNamespaceID?: [AddressFamily: LegacyTable]] = [:]

  /// A table of iptables-legacy as it was when it was read.
  private struct LegacyTable {
    let information: [UInt8]
    let instant: ContinuousClock.Instant
    let pools: Set<SnatPool>
  }

  /// How old the rules of iptables-legacy may be: of a rule that took another's place the kernel tells only if it is longer or shorter. To read them
  /// takes a lock that packets wait for, and kube-proxy may have written tens of thousands.
  private static let longestLegacyAge = Duration.seconds(60)

  /// The pools of the rules in the namespace of the calling thread.
  ///
  /// - Parameter families: those that iptables-legacy has a table of address translation for.
  /// - Throws: why they cannot be read: without CAP_NET_ADMIN, or on a kernel without nf_tables that has no rules of iptables-legacy either.
  mutating func pools(
    of namespace: NetworkNamespaceID?, legacy families: [AddressFamily], until deadline: Deadline
  ) throws(ReadError) -> [SnatPool] {
    var pools: [SnatPool] = []
    do throws(ReadError) {
      pools = try currentPools(of: namespace, until: deadline)
    } catch {
      guard case .systemCall(let call) = error, !call.isPermissionDenied, !families.isEmpty else { throw error }
    }
    for family in families {
      for pool in try legacyPools(of: namespace, family) where !pools.contains(pool) { pools.append(pool) }
    }
    return pools
  }

  private mutating func legacyPools(of namespace: NetworkNamespaceID?, _ family: AddressFamily) throws(ReadError) -> [SnatPool] {
    let socket = try ReadError.wrapping(try RuleTableSocket(isIPv6: family == .ipv6))
    var last: ReadError?
    // Rules that change in between are read again.
    for _ in 0..<3 {
      let information = try ReadError.wrapping(try socket.information(of: Self.legacyTable))
      if let table = legacy[namespace]?[family], table.information == information,
        table.instant.duration(to: .now) < Self.longestLegacyAge
      {
        return Self.sorted(table.pools)
      }
      do throws(SystemCallError) {
        let entries = try socket.entries(of: Self.legacyTable, information)
        do throws(FormatError) {
          let pools = try LegacyRulesFormat.pools(entries.span, family: family)
          legacy[namespace, default: [:]][family] = LegacyTable(information: information, instant: .now, pools: pools)
          return Self.sorted(pools)
        } catch { last = .format(error) }
      } catch { last = .systemCall(error) }
    }
    if let last { throw last }
    return []
  }

  private static let legacyTable = "nat"

  private static func sorted(_ pools: Set<SnatPool>) -> [SnatPool] { pools.sorted { "\($0)" < "\($1)" } }

  private mutating func currentPools(of namespace: NetworkNamespaceID?, until deadline: Deadline) throws(ReadError) -> [SnatPool] {
    var socket = try ReadError.wrapping(try NetlinkSocket.netfilter())
    var buffer = [UInt8](repeating: 0, count: InetDiagDump.bufferSize)
    let generation = try Self.generation(on: &socket, &buffer, deadline)
    if let known = known[namespace], known.generation == generation { return known.pools }
    var found: Set<SnatPool> = []
    // Rules that change meanwhile are read again; the next snapshot reads them once more, since the generation is older.
    for sequence in 2...4 as ClosedRange<UInt32> {
      var decoder = TranslationRulesDecoder(sequence: sequence)
      found = []
      try NetlinkExchange.run(
        TranslationRulesRequest.rules(sequence: sequence), "nf_tables", on: &socket, buffer: &buffer, until: deadline
      ) { datagram throws(FormatError) in try decoder.decode(datagram, into: &found) }
      if !decoder.isInterrupted { break }
    }
    let pools = Self.sorted(found)
    if let generation { known[namespace] = (generation, pools) }
    return pools
  }

  /// Forgets all but these namespaces and the scraper's own.
  mutating func retain(_ namespaces: Set<NetworkNamespaceID>) {
    known.retain(namespaces)
    legacy.retain(namespaces)
  }

  private static func generation(
    on socket: inout NetlinkSocket, _ buffer: inout [UInt8], _ deadline: Deadline
  ) throws(ReadError) -> UInt32? {
    var decoder = RuleGenerationDecoder(sequence: 1)
    try NetlinkExchange.run(
      TranslationRulesRequest.generation(sequence: 1), "nf_tables", on: &socket, buffer: &buffer, until: deadline
    ) { datagram throws(FormatError) in try decoder.decode(datagram) }
    return decoder.generation
  }
}
