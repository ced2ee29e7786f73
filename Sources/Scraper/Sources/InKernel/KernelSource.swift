internal import Kernel
internal import PortModel

/// Counts sockets inside the kernel: those of the scraper's own namespace, and in the same walk those of all others where they are wanted. Only sums come
/// out, so that it costs a fraction of listing every socket; and it reads what no table shows: which ports the kernel refuses to connect(), and which
/// TIME_WAIT it takes over. No other namespace is entered for it.
///
/// Each count is held against the kernel's own running count of that namespace. One that does not fit is not used, and after some in a row of the own
/// namespace none is made any more.
///
/// On kernels before 6.2, which show no way to UDP sockets, another source counts these. What goes wrong with UDP leaves TCP alone.
final class KernelSource: SocketSource {
  private let udp: any SocketSource
  let classes: PortClasses?
  let tupleLimit: Int?
  let serverAge: Duration
  private let isLive: Bool
  var failures = 0
  /// What is wanted of the scraper's own namespace in this snapshot.
  private var wanted: Set<TransportProtocol> = []
  /// What the count of the scraper's own TCP sockets, in this snapshot, found of its UDP sockets.
  private var ownUDP = UDPFinding.nothing
  /// Why these TCP sockets were not counted in the kernel, which need not be said of the UDP sockets again.
  private var tcpRefusal: String?
  /// How many counts of UDP sockets in a row did not fit, and after too many of them the last one.
  var udpFailures = 0
  var udpMisfit: String?
  /// How long UDP ports have been held, by namespace; `nil` is the scraper's own.
  var tenures: [NetworkNamespaceID?: PortTenure] = [:]
  /// What is known of other namespaces in this snapshot.
  var others = OtherCounts()
  /// Those that the last snapshot showed, which come first where there is not room for all.
  var preferred: Set<NetworkNamespaceID> = []

  enum UDPFinding: Sendable {
    /// They were not asked for, or came and went too fast.
    case nothing
    case pool(Counted<UDPPool>)
    case refused(String)
    /// The kernel shows no way to them.
    case hidden
  }

  private static var countedAnew: String { "the sockets were counted in the kernel for somebody else meanwhile" }
  static var notCounted: ReadError { .refused("it was not counted in the kernel") }

  /// - Parameter udp: counts UDP sockets where the kernel shows no way to them.
  init(_ configuration: ScraperConfiguration, udp: any SocketSource) {
    self.udp = udp
    classes = PortClasses(configuration.namedRanges)
    tupleLimit = configuration.tupleLimit
    serverAge = configuration.udpServerAge
    isLive = configuration.proc.isLive
  }

  var name: SourceName { .bpf }
  var fallbackRemark: String { "counting in the kernel instead" }

  func reaches(_ view: NamespaceView) -> Bool {
    guard let id = view.id else { return view.isInside }
    return others.misfits[id] != nil || others.count?.others[id] != nil
  }

  func beginSnapshot(of chosen: Set<CollectorName>) {
    preferred = others.asked.isEmpty ? preferred : others.asked
    wanted = chosen.transports
    ownUDP = .nothing
    tcpRefusal = nil
    others = OtherCounts()
    // Who asks for namespaces and names no kind of socket means both.
    if chosen.contains(.namespaces), isLive { others.wanted = wanted.isEmpty ? [.tcp, .udp] : wanted }
  }

  func retain(_ namespaces: Set<NetworkNamespaceID>) {
    preferred.formIntersection(namespaces)
    tenures.retain(namespaces)
  }

  func countTCP(_ view: NamespaceView, until deadline: Deadline) throws(ReadError) -> Counted<TCPPool> {
    let settings = view.settings?.pool
    guard let id = view.id else {
      let transports = wanted.union([.tcp]).subtracting(udpMisfit == nil ? [] : [.udp])
      do throws(ReadError) {
        let counted = try count(view, transports, until: deadline) { counter, report, classes in
          self.pool(counter, report, classes, settings) { NetworkDevice.name($0) ?? "\($0)" }
        }
        ownUDP = counted.udp
        return counted.value
      } catch {
        tcpRefusal = error.description
        throw error
      }
    }
    if let misfit = others.misfits[id] { throw .refused(misfit) }
    guard let classes, let known = others.count, let report = known.others[id] else { throw Self.notCounted }
    return try SocketCounter.withShared(.all) { (counter) throws(ReadError) in
      guard counter.isLast(known) else { throw .refused(Self.countedAnew) }
      return self.pool(counter, report, classes, settings) { (view.isInside ? NetworkDevice.name($0) : nil) ?? "\($0)" }
    }
  }

  func countUDP(_ view: NamespaceView, until deadline: Deadline) throws(ReadError) -> Counted<UDPPool> {
    guard let id = view.id else { return try countOwnUDP(view, until: deadline) }
    if let misfit = others.misfits[id] ?? others.udpMisfits[id] { throw .refused(misfit) }
    guard let classes, let known = others.count, let report = known.others[id] else { throw Self.notCounted }
    if let problem = report.udpProblem { throw .refused(problem) }
    guard report.hasUDP else {
      guard udp.reaches(view) else { throw .refused("this kernel shows no way to the UDP sockets of other namespaces") }
      return try udp.countUDP(view, until: deadline)
    }
    return try SocketCounter.withShared(.all) { (counter) throws(ReadError) in
      guard counter.isLast(known) else { throw .refused(Self.countedAnew) }
      return self.udpPool(counter, report, classes, view)
    }
  }

  private func countOwnUDP(_ view: NamespaceView, until deadline: Deadline) throws(ReadError) -> Counted<UDPPool> {
    if let udpMisfit { throw .refused(udpMisfit) }
    var finding = ownUDP
    ownUDP = .nothing
    if case .nothing = finding {
      do throws(ReadError) {
        finding = try count(view, [.udp], until: deadline) { _, _, _ in () }.udp
      } catch {
        guard error.description == tcpRefusal else { throw error }
        finding = .hidden
      }
    }
    switch finding {
    case .pool(let counted): return counted
    case .refused(let problem): throw .refused(problem)
    case .nothing, .hidden: return try udp.countUDP(view, until: deadline)
    }
  }
}

extension Set<CollectorName> {
  /// The kinds of sockets that these collectors count.
  fileprivate var transports: Set<TransportProtocol> {
    Set<TransportProtocol>(TransportProtocol.allCases.filter { contains($0 == .tcp ? .tcp : .udp) })
  }
}
