package import Kernel
internal import PortModel

/// Which sources to count sockets with: `--source`.
package enum SourceChoice: String, Sendable, Hashable, CaseIterable {
  /// The best that the host allows.
  case auto
  case proc
  case netlink
  case bpf
}

extension SourceChoice {
  /// The sources that this choice allows, the best first.
  func sources(_ configuration: ScraperConfiguration) -> SourceList {
    let memory = RecordMemory()
    let proc = RecordSource(ProcTables(), memory, configuration)
    let netlink = RecordSource(InetDiagTables { () throws(SystemCallError) in try NetlinkSocket() }, memory, configuration)
    switch self {
    case .auto where configuration.countsInKernel:
      return SourceList([KernelSource(configuration, udp: netlink), netlink, proc], fromOutside: proc)
    case .bpf: return SourceList([KernelSource(configuration, udp: netlink), netlink, proc], fromOutside: proc)
    case .auto: return SourceList([netlink, proc], fromOutside: proc)
    case .proc: return SourceList([proc], fromOutside: proc)
    case .netlink: return SourceList([netlink], fromOutside: proc)
    }
  }
}

extension SourceChoice {
  /// inet_diag over sockets of the caller's making, each in the namespace of the thread that `open` runs on.
  package static func netlink<Channel: NetlinkChannel & ~Copyable>(
    _ configuration: ScraperConfiguration, opening open: @escaping () throws(SystemCallError) -> Channel
  ) -> any SocketSource {
    RecordSource(InetDiagTables(opening: open), RecordMemory(), configuration)
  }
}

/// Sources in the order of preference. The first that reaches a namespace and that the host allows is used; where it is not the best one, a remark
/// says what was refused.
struct SourceList {
  private let sources: [any SocketSource]
  /// For namespaces that may only be seen from outside and that none of ``sources`` reaches.
  private let fromOutside: any SocketSource

  init(_ sources: [any SocketSource], fromOutside: any SocketSource) {
    self.sources = sources
    self.fromOutside = fromOutside
  }

  /// Sources of the caller's own, and `/proc` for namespaces that none of them reaches.
  init(_ sources: [any SocketSource], _ configuration: ScraperConfiguration) {
    self.init(sources, fromOutside: RecordSource(ProcTables(), RecordMemory(), configuration))
  }

  func beginSnapshot(of chosen: Set<CollectorName>) {
    for source in sources { source.beginSnapshot(of: chosen) }
  }

  /// What the first source knows that can count a namespace from outside.
  func fromOutside(_ view: NamespaceView, _ totals: SocketTotals, until deadline: Deadline) -> CountedOutside? {
    for source in sources {
      if let counted = source.fromOutside(view, totals, until: deadline) { return counted }
    }
    return nil
  }

  func retain(_ namespaces: Set<NetworkNamespaceID>) {
    for source in sources { source.retain(namespaces) }
  }

  func countTCP(_ view: NamespaceView, until deadline: Deadline) throws(ReadError) -> Counted<TCPPool> {
    try first(for: view) { source throws(ReadError) in try source.countTCP(view, until: deadline) }
  }

  func countUDP(_ view: NamespaceView, until deadline: Deadline) throws(ReadError) -> Counted<UDPPool> {
    try first(for: view) { source throws(ReadError) in try source.countUDP(view, until: deadline) }
  }

  func fullestTuple(_ view: NamespaceView, until deadline: Deadline) throws(ReadError) -> Counted<FullestTuple> {
    try first(for: view) { source throws(ReadError) in try source.fullestTuple(view, until: deadline) }
  }

  /// The answer of the first source that is not refused. The last one's refusal is an error.
  private func first<Value>(
    for view: NamespaceView, _ ask: (any SocketSource) throws(ReadError) -> Counted<Value>
  ) throws(ReadError) -> Counted<Value> {
    var candidates = sources.filter { $0.reaches(view) }[...]
    // A source that was asked for by name is asked, whatever it says about it.
    if candidates.isEmpty { candidates = view.id == nil ? sources[...] : [fromOutside] }
    var refusal: String?
    while let source = candidates.popFirst() {
      do throws(ReadError) {
        var counted = try ask(source)
        if let refusal { counted.remark = "\(refusal); \(source.fallbackRemark)" }
        return counted
      } catch {
        guard error.isRefusal, !candidates.isEmpty else { throw error }
        if refusal == nil { refusal = error.description }
      }
    }
    throw .systemCall(.unsupported("no source of sockets"))
  }
}

extension ReadError {
  /// Whether the host does not allow it, so that another source is worth asking.
  fileprivate var isRefusal: Bool {
    switch self {
    case .systemCall, .refused: true
    case .format, .deadline: false
    }
  }
}
