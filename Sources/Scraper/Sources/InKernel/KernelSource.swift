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
  /// How many times a count is tried if it does not fit.
  private static let attempts = 3
  /// The same for UDP sockets alone, which come and go in bursts and are counted in a millisecond.
  private static let udpAttempts = 10
  /// After how many counts in a row that did not fit no other is made.
  private static let patience = 3

  private let udp: any SocketSource
  private let classes: PortClasses?
  private let tupleLimit: Int?
  private let serverAge: Duration
  private let isLive: Bool
  private var failures = 0
  /// What is wanted of the scraper's own namespace in this snapshot.
  private var wanted: Set<TransportProtocol> = []
  /// What the count of the scraper's own TCP sockets, in this snapshot, found of its UDP sockets.
  private var ownUDP = UDPFinding.nothing
  /// Why these TCP sockets were not counted in the kernel, which need not be said of the UDP sockets again.
  private var tcpRefusal: String?
  /// How many counts of UDP sockets in a row did not fit, and after too many of them the last one.
  private var udpFailures = 0
  private var udpMisfit: String?
  /// How long UDP ports have been held, by namespace; `nil` is the scraper's own.
  private var tenures: [NetworkNamespaceID?: PortTenure] = [:]
  /// What is known of other namespaces in this snapshot.
  private var others = OtherCounts()
  /// Those that the last snapshot showed, which come first where there is not room for all.
  private var preferred: Set<NetworkNamespaceID> = []

  private enum UDPFinding: Sendable {
    /// They were not asked for, or came and went too fast.
    case nothing
    case pool(Counted<UDPPool>)
    case refused(String)
    /// The kernel shows no way to them.
    case hidden
  }

  private struct OtherCounts {
    /// What is wanted of them; empty if they are not.
    var wanted: Set<TransportProtocol> = []
    var count: KernelCount?
    /// Those that were asked for.
    var asked: Set<NetworkNamespaceID> = []
    /// Why a count is not to be used.
    var misfits: [NetworkNamespaceID: String] = [:]
    /// Likewise of UDP sockets alone.
    var udpMisfits: [NetworkNamespaceID: String] = [:]
    /// Whether they were counted again, since one did not fit.
    var wereRecounted = false
    var haveFailed = false
  }

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

  private static var countedAnew: String { "the sockets were counted in the kernel for somebody else meanwhile" }

  private func pool(
    _ counter: borrowing SocketCounter, _ report: CountReport, _ classes: PortClasses, _ settings: PoolSettings?,
    zone: (_ device: UInt32) -> String
  ) -> Counted<TCPPool> {
    let pressure = settings.map { TCPPressure(counter, report, $0, tupleLimit: tupleLimit, zone: zone) }
    let pool = TCPPool(sockets: sockets(counter, report, classes), seesBoundOnly: true, pressure: pressure)
    return Counted(pool, source: name, remark: report.remark)
  }

  private func finding(
    _ counter: borrowing SocketCounter, _ report: CountReport, _ classes: PortClasses, _ view: NamespaceView
  ) -> UDPFinding {
    if let problem = report.udpProblem { return .refused(problem) }
    return report.hasUDP ? .pool(udpPool(counter, report, classes, view)) : .hidden
  }

  private func udpPool(
    _ counter: borrowing SocketCounter, _ report: CountReport, _ classes: PortClasses, _ view: NamespaceView
  ) -> Counted<UDPPool> {
    let now = ContinuousClock.now
    var tenure = tenures[view.id] ?? PortTenure(from: now)
    tenure.update(counter, report, at: now)
    tenures[view.id] = tenure
    let servers = report.missesUDPHolders ? nil : tenure.servers(at: now, age: serverAge)
    let pressure = view.settings.map { UDPPressure(counter, report, $0.pool, servers: servers) }
    let remark = report.missesUDPHolders ? Self.tooManyHolders : nil
    return Counted(UDPPool(sockets: udpSockets(counter, report, classes), pressure: pressure), source: name, remark: remark)
  }

  private static var tooManyHolders: String {
    "more UDP sockets are on ports of their programs' choice than are told apart: which of them are servers is not known"
  }

  private func udpSockets(_ counter: borrowing SocketCounter, _ report: CountReport, _ classes: PortClasses) -> SocketCounts {
    classes.counts { counter.udpSockets(report, $0, $1, inClass: $2) }
  }

  private func sockets(_ counter: borrowing SocketCounter, _ report: CountReport, _ classes: PortClasses) -> SocketCounts {
    classes.counts { counter.sockets(report, $0, $1, inClass: $2) }
  }

  func fullestTuple(_ view: NamespaceView, until deadline: Deadline) throws(ReadError) -> Counted<FullestTuple> {
    guard let settings = view.settings?.pool else { throw .systemCall(.unsupported("a pool without settings")) }
    let fullest = try count(view, [.tcp], isAlone: true, until: deadline) { counter, report, _ in
      let connect = TCPPressure(counter, report, settings, tupleLimit: 0) { "\($0)" }.connect
      return FullestTuple(used: connect.mostHeld, capacity: connect.capacity)
    }
    return Counted(fullest.value, source: name)
  }

  /// One try to count the own namespace.
  private struct Attempt<Value: Sendable>: Sendable {
    let value: Value
    let tcp: Int
    let udp: UDPFinding
    let udpSockets: Int
    let others: KernelCount?
  }

  /// What `read` makes of a count of the own namespace that fits, and its UDP sockets if they were counted and fit as well. Other namespaces are counted in
  /// the same walk, unless they were in this snapshot or `isAlone` says that they are not to be.
  private func count<Value: Sendable>(
    _ view: NamespaceView, _ transports: Set<TransportProtocol>, isAlone: Bool = false, until deadline: Deadline,
    _ read: (borrowing SocketCounter, CountReport, PortClasses) -> Value
  ) throws(ReadError) -> (value: Value, udp: UDPFinding) {
    guard let classes else { throw Self.tooManyRanges }
    let withOthers = !isAlone && others.count == nil && canCountOthers
    let request = CountRequest(
      own: CountRequest.Own(range: view.settings?.pool.range, localAddresses: view.settings?.localAddresses ?? LocalAddresses()),
      others: withOthers ? preferred : nil, classes: classes.numbers, classCount: classes.count,
      transports: withOthers ? transports.union(others.wanted) : transports)
    var misfit = ""
    for _ in 1...(transports.contains(.tcp) ? Self.attempts : Self.udpAttempts) {
      let before = try SocketTotals(reading: view.proc)
      let result = try SocketCounter.withShared(request.room) { (counter) throws(ReadError) -> Attempt<Value> in
        let count = try counter.count(request, until: deadline)
        guard let report = count.own else { throw Self.notCounted }
        if let problem = report.problem { throw .refused(problem) }
        return Attempt(
          value: read(counter, report, classes), tcp: sockets(counter, report, classes).inRunningCount,
          udp: transports.contains(.udp) ? finding(counter, report, classes, view) : .nothing,
          udpSockets: udpSockets(counter, report, classes).total, others: count.others.isEmpty ? nil : count)
      }
      guard let before, let after = try SocketTotals(reading: view.proc) else {
        throw .refused("the kernel keeps no count of its sockets that its tables could be held against")
      }
      if withOthers { others.count = result.others }
      var udp = result.udp
      if case .pool = udp {
        if Self.fits(result.udpSockets, Int(clamping: before.udp), Int(clamping: after.udp)) { udpFailures = 0 } else { udp = .nothing }
      }
      if transports.contains(.tcp) {
        if Self.fits(result.tcp, Int(clamping: before.tcp), Int(clamping: after.tcp)) {
          failures = 0
          return (result.value, udp)
        }
        misfit = Self.misfit(result.tcp, after)
      } else if case .nothing = udp {
        misfit = Self.misfit(udp: result.udpSockets, after)
      } else {
        return (result.value, udp)
      }
    }
    if transports.contains(.tcp) {
      failures += 1
      if failures >= Self.patience { SocketCounter.giveUp(misfit) }
    } else {
      udpFailures += 1
      if udpFailures >= Self.patience { udpMisfit = misfit }
    }
    throw .refused(misfit)
  }

  private static var tooManyRanges: ReadError { .refused("the kernel counts sockets in \(CountRequest.classLimit) ranges at most") }
  private static var notCounted: ReadError { .refused("it was not counted in the kernel") }

  private static func misfit(_ counted: Int, _ totals: SocketTotals) -> String {
    "\(counted) TCP sockets were counted in the kernel, whose own count is \(totals.tcp)"
  }

  private static func misfit(udp counted: Int, _ totals: SocketTotals) -> String {
    "\(counted) UDP sockets were counted in the kernel, whose own count is \(totals.udp)"
  }

  /// Whether a count agrees with the kernel's own before and after it, but for what may have come and gone meanwhile.
  static func fits(_ counted: Int, _ before: Int, _ after: Int) -> Bool {
    let slack = 16 + max(before, after) / 64
    return counted >= min(before, after) - slack && counted <= max(before, after) + slack
  }

  // MARK: Other namespaces

  /// Whether others are wanted, and there is memory for them.
  private var canCountOthers: Bool { !others.wanted.isEmpty && !others.haveFailed && SocketCounter.prepare(.all) == nil }

  /// Its count is held against the kernel's own here, which takes another count of all where many sockets have come and gone since the first.
  func fromOutside(_ view: NamespaceView, _ totals: SocketTotals, until deadline: Deadline) -> CountedOutside? {
    guard let id = view.id, !others.wanted.isEmpty else { return nil }
    others.asked.insert(id)
    if others.count == nil { countOthers(until: deadline) }
    guard let problem = others.count?.others[id].map(\.problem) else { return nil }
    if let problem {
      others.misfits[id] = problem
      return nil
    }
    guard var counted = runningCount(of: id, until: deadline) else { return nil }
    var (before, after) = (totals, totals)
    if !counted.fits(before, after) {
      guard let now = (try? SocketTotals(reading: view.proc)) ?? nil else { return nil }
      after = now
    }
    if !counted.fits(before, after) {
      recount(until: deadline)
      guard let again = runningCount(of: id, until: deadline), let now = (try? SocketTotals(reading: view.proc)) ?? nil else { return nil }
      (counted, before, after) = (again, after, now)
    }
    guard let report = others.count?.others[id], let settings = report.settings else { return nil }
    if !counted.tcpFits(before, after) {
      others.misfits[id] = Self.misfit(counted.tcp ?? 0, after)
      return nil
    }
    if !counted.udpFits(before, after) { others.udpMisfits[id] = Self.misfit(udp: counted.udp ?? 0, after) }
    var collectors: Set<CollectorName> = counted.tcp == nil ? [] : [.tcp]
    if counted.udp != nil, others.udpMisfits[id] == nil { collectors.insert(.udp) }
    return collectors.isEmpty ? nil : CountedOutside(settings: settings, collectors: collectors)
  }

  /// The sockets of a namespace that are in the kernel's running count; `nil` for those that were not counted.
  private struct RunningCount: Sendable {
    let tcp: Int?
    let udp: Int?

    func tcpFits(_ before: SocketTotals, _ after: SocketTotals) -> Bool {
      tcp.map { KernelSource.fits($0, Int(clamping: before.tcp), Int(clamping: after.tcp)) } ?? true
    }

    func udpFits(_ before: SocketTotals, _ after: SocketTotals) -> Bool {
      udp.map { KernelSource.fits($0, Int(clamping: before.udp), Int(clamping: after.udp)) } ?? true
    }

    func fits(_ before: SocketTotals, _ after: SocketTotals) -> Bool { tcpFits(before, after) && udpFits(before, after) }
  }

  /// `nil` if it cannot be said, or the namespace is gone.
  private func runningCount(of id: NetworkNamespaceID, until deadline: Deadline) -> RunningCount? {
    for _ in 0..<2 {
      guard let classes, let known = others.count, let report = known.others[id], report.problem == nil else { return nil }
      let counted = try? SocketCounter.withShared(.all) { (counter) throws(ReadError) -> RunningCount? in
        guard counter.isLast(known) else { return nil }
        return RunningCount(
          tcp: others.wanted.contains(.tcp) ? sockets(counter, report, classes).inRunningCount : nil,
          udp: report.hasUDP && report.udpProblem == nil ? udpSockets(counter, report, classes).total : nil)
      }
      if let counted = counted ?? nil { return counted }
      // Counted for somebody else meanwhile.
      recount(until: deadline)
    }
    return nil
  }

  /// Counts all again, once in a snapshot.
  private func recount(until deadline: Deadline) {
    guard !others.wereRecounted else { return }
    others.wereRecounted = true
    countOthers(until: deadline)
  }

  /// Counts all alike, whichever the calling thread is in.
  private func countOthers(until deadline: Deadline) {
    guard let classes, canCountOthers else { return }
    let request = CountRequest(
      own: nil, others: preferred.union(others.asked), classes: classes.numbers, classCount: classes.count, transports: others.wanted)
    do {
      others.count = try SocketCounter.withShared(.all) { (counter) throws(ReadError) in try counter.count(request, until: deadline) }
    } catch {
      others.haveFailed = true
      others.count = nil
    }
  }
}

extension Set<CollectorName> {
  /// The kinds of sockets that these collectors count.
  fileprivate var transports: Set<TransportProtocol> {
    Set<TransportProtocol>(TransportProtocol.allCases.filter { contains($0 == .tcp ? .tcp : .udp) })
  }
}

extension CountReport {
  /// What is not counted exactly.
  fileprivate var remark: String? {
    var remarks: [String] = []
    if isEstimated {
      let room = missesTuples ? "the fullest may be missing" : "all large ones are counted exactly, and their number is estimated"
      remarks.append("there are more tuples than the kernel counts one by one: \(room)")
    }
    if missesDevices { remarks.append("sockets are bound to more devices than are told apart: some tuples are missing") }
    if missesOverlaps {
      remarks.append("it is not known which ports sockets on a device share with those on none: headroom on devices is an upper bound")
    }
    if missesVRFPorts { remarks.append("more ports are closed in VRFs than are counted: headroom there is an upper bound") }
    return remarks.isEmpty ? nil : remarks.joined(separator: "; ")
  }
}
