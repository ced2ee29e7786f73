internal import Kernel
internal import KernelFormats
internal import PortModel

/// What the rules of address translation hand out, by namespace. Read again only when nf_tables says that they have changed.
struct TranslationRules {
  private var known: [NetworkNamespaceID?: (generation: UInt32, pools: [SnatPool])] = [:]

  /// The pools of the rules in the namespace of the calling thread.
  ///
  /// - Throws: why they cannot be read: without CAP_NET_ADMIN, or on a kernel without nf_tables.
  mutating func pools(of namespace: NetworkNamespaceID?, until deadline: Deadline) throws(ReadError) -> [SnatPool] {
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
    let pools = found.sorted { "\($0)" < "\($1)" }
    if let generation { known[namespace] = (generation, pools) }
    return pools
  }

  /// Forgets all but these namespaces and the scraper's own.
  mutating func retain(_ namespaces: Set<NetworkNamespaceID>) {
    known.retain(namespaces)
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
