internal import Kernel
internal import PortModel

/// Counts sockets inside the kernel: those of the scraper's own namespace, and in the same walk those of all others where they are wanted. Only sums come
/// out, so that it costs a fraction of listing every socket; and it reads what no table shows: which ports the kernel refuses to connect(), and which
/// TIME_WAIT it takes over. No other namespace is entered for it.
///
/// Each count is held against the kernel's own running count of that namespace. One that does not fit is not used, and after some in a row of the own
/// namespace none is made any more.
///
/// UDP sockets, which are few, are left to another source.
final class KernelSource: SocketSource {
  /// How many times a count is tried if it does not fit.
  private static let attempts = 3
  /// After how many counts in a row that did not fit no other is made.
  private static let patience = 3

  private let udp: any SocketSource
  private let classes: PortClasses?
  private let tupleLimit: Int?
  private let isLive: Bool
  private var failures = 0
  /// What is known of other namespaces in this snapshot.
  private var others = OtherCounts()
  /// Those that the last snapshot showed, which come first where there is not room for all.
  private var preferred: Set<NetworkNamespaceID> = []

  private struct OtherCounts {
    var areWanted = false
    var count: KernelCount?
    /// Those that were asked for.
    var asked: Set<NetworkNamespaceID> = []
    /// Why a count is not to be used.
    var misfits: [NetworkNamespaceID: String] = [:]
    /// Whether they were counted again, since one did not fit.
    var wereRecounted = false
    var haveFailed = false
  }

  /// - Parameter udp: counts UDP sockets.
  init(_ configuration: ScraperConfiguration, udp: any SocketSource) {
    self.udp = udp
    classes = PortClasses(configuration.namedRanges)
    tupleLimit = configuration.tupleLimit
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
    others = OtherCounts(areWanted: chosen.contains(.namespaces) && isLive)
  }

  func retain(_ namespaces: Set<NetworkNamespaceID>) { preferred.formIntersection(namespaces) }

  func countUDP(_ view: NamespaceView, until deadline: Deadline) throws(ReadError) -> Counted<UDPPool> {
    try udp.countUDP(view, until: deadline)
  }

  func countTCP(_ view: NamespaceView, until deadline: Deadline) throws(ReadError) -> Counted<TCPPool> {
    let settings = view.settings?.pool
    guard let id = view.id else {
      let counted = try count(view, withOthers: canCountOthers, until: deadline) { counter, count, report, classes in
        (count, self.pool(counter, report, classes, settings) { NetworkDevice.name($0) ?? "\($0)" })
      }
      if counted.0.others.count > 0 { others.count = counted.0 }
      return counted.1
    }
    if let misfit = others.misfits[id] { throw .refused(misfit) }
    guard let classes, let known = others.count, let report = known.others[id] else { throw .refused("it was not counted in the kernel") }
    return try SocketCounter.withShared(.all) { (counter) throws(ReadError) in
      guard counter.isLast(known) else { throw .refused(Self.countedAnew) }
      return self.pool(counter, report, classes, settings) { (view.isInside ? NetworkDevice.name($0) : nil) ?? "\($0)" }
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

  private func sockets(_ counter: borrowing SocketCounter, _ report: CountReport, _ classes: PortClasses) -> SocketCounts {
    classes.counts { counter.sockets(report, $0, $1, inClass: $2) }
  }

  func fullestTuple(_ view: NamespaceView, until deadline: Deadline) throws(ReadError) -> Counted<FullestTuple> {
    guard let settings = view.settings?.pool else { throw .systemCall(.unsupported("a pool without settings")) }
    let fullest = try count(view, withOthers: false, until: deadline) { counter, _, report, _ in
      let connect = TCPPressure(counter, report, settings, tupleLimit: 0) { "\($0)" }.connect
      return FullestTuple(used: connect.mostHeld, capacity: connect.capacity)
    }
    return Counted(fullest, source: name)
  }

  /// What `read` makes of a count of the own namespace that fits.
  private func count<Value: Sendable>(
    _ view: NamespaceView, withOthers: Bool, until deadline: Deadline,
    _ read: (borrowing SocketCounter, KernelCount, CountReport, PortClasses) -> Value
  ) throws(ReadError) -> Value {
    guard let classes else { throw Self.tooManyRanges }
    let own = CountRequest.Own(range: view.settings?.pool.range, localAddresses: view.settings?.localAddresses ?? LocalAddresses())
    let request = CountRequest(own: own, others: withOthers ? preferred : nil, classes: classes.numbers, classCount: classes.count)
    var misfit = ""
    for _ in 1...Self.attempts {
      let before = try SocketTotals(reading: view.proc)
      let result = try SocketCounter.withShared(request.room) { (counter) throws(ReadError) -> (value: Value, counted: Int) in
        let count = try counter.count(request, until: deadline)
        guard let report = count.own else { throw Self.notCounted }
        if let problem = report.problem { throw .refused(problem) }
        return (read(counter, count, report, classes), sockets(counter, report, classes).inRunningCount)
      }
      guard let before, let after = try SocketTotals(reading: view.proc) else {
        throw .refused("the kernel keeps no count of its sockets that its tables could be held against")
      }
      if Self.fits(result.counted, Int(clamping: before.tcp), Int(clamping: after.tcp)) {
        failures = 0
        return result.value
      }
      misfit = Self.misfit(result.counted, after)
    }
    failures += 1
    if failures >= Self.patience { SocketCounter.giveUp(misfit) }
    throw .refused(misfit)
  }

  private static var tooManyRanges: ReadError { .refused("the kernel counts sockets in \(CountRequest.classLimit) ranges at most") }
  private static var notCounted: ReadError { .refused("it was not counted in the kernel") }

  private static func misfit(_ counted: Int, _ totals: SocketTotals) -> String {
    "\(counted) TCP sockets were counted in the kernel, whose own count is \(totals.tcp)"
  }

  /// Whether a count agrees with the kernel's own before and after it, but for what may have come and gone meanwhile.
  static func fits(_ counted: Int, _ before: Int, _ after: Int) -> Bool {
    let slack = 16 + max(before, after) / 64
    return counted >= min(before, after) - slack && counted <= max(before, after) + slack
  }

  // MARK: Other namespaces

  /// Whether others are wanted, and there is memory for them.
  private var canCountOthers: Bool { others.areWanted && !others.haveFailed && SocketCounter.prepare(.all) == nil }

  /// Its count is held against the kernel's own here, which takes another count of all where many sockets have come and gone since the first.
  func settings(of view: NamespaceView, _ totals: SocketTotals, until deadline: Deadline) -> PoolSettings? {
    guard let id = view.id, others.areWanted else { return nil }
    others.asked.insert(id)
    if others.count == nil { countOthers(until: deadline) }
    guard let report = others.count?.others[id] else { return nil }
    if let problem = report.problem {
      others.misfits[id] = problem
      return nil
    }
    guard let counted = runningCount(of: id, until: deadline) else { return nil }
    if Self.fits(counted, Int(clamping: totals.tcp), Int(clamping: totals.tcp)) { return report.settings }
    guard let now = (try? SocketTotals(reading: view.proc)) ?? nil else { return nil }
    if Self.fits(counted, Int(clamping: totals.tcp), Int(clamping: now.tcp)) { return report.settings }
    recount(until: deadline)
    guard let again = runningCount(of: id, until: deadline), let after = (try? SocketTotals(reading: view.proc)) ?? nil else { return nil }
    if Self.fits(again, Int(clamping: now.tcp), Int(clamping: after.tcp)) { return others.count?.others[id]?.settings }
    others.misfits[id] = Self.misfit(again, after)
    return nil
  }

  /// The sockets of a namespace that are in the kernel's running count; `nil` if it cannot be said, or it is gone.
  private func runningCount(of id: NetworkNamespaceID, until deadline: Deadline) -> Int? {
    for _ in 0..<2 {
      guard let classes, let known = others.count, let report = known.others[id], report.problem == nil else { return nil }
      let counted = try? SocketCounter.withShared(.all) { (counter) throws(ReadError) in
        counter.isLast(known) ? sockets(counter, report, classes).inRunningCount : nil
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
    let request = CountRequest(own: nil, others: preferred.union(others.asked), classes: classes.numbers, classCount: classes.count)
    do {
      others.count = try SocketCounter.withShared(.all) { (counter) throws(ReadError) in try counter.count(request, until: deadline) }
    } catch {
      others.haveFailed = true
      others.count = nil
    }
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
