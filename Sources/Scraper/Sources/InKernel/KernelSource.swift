internal import Kernel
internal import PortModel

/// Counts the sockets of the scraper's own namespace inside the kernel. Only sums come out, so that it costs a fraction of listing every socket; and it
/// reads what no table shows: which ports the kernel refuses to connect(), and which TIME_WAIT it takes over.
///
/// Each count is held against the kernel's own running count. One that does not fit is not used, and after some in a row none is made any more.
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
  private var failures = 0

  /// - Parameter udp: counts UDP sockets.
  init(_ configuration: ScraperConfiguration, udp: any SocketSource) {
    self.udp = udp
    classes = PortClasses(configuration.namedRanges)
    tupleLimit = configuration.tupleLimit
  }

  var name: SourceName { .bpf }
  var fallbackRemark: String { "counting in the kernel instead" }
  func reaches(_ view: NamespaceView) -> Bool { view.isInside && view.id == nil }

  func countUDP(_ view: NamespaceView, until deadline: Deadline) throws(ReadError) -> Counted<UDPPool> {
    try udp.countUDP(view, until: deadline)
  }

  func countTCP(_ view: NamespaceView, until deadline: Deadline) throws(ReadError) -> Counted<TCPPool> {
    let limit = tupleLimit
    let (pool, remark) = try count(view, until: deadline) { counter, report, classes in
      let pressure = view.settings.map { settings in
        TCPPressure(counter, report, settings.pool, tupleLimit: limit) { NetworkDevice.name($0) ?? "\($0)" }
      }
      let pool = TCPPool(sockets: classes.counts { counter.sockets($0, $1, inClass: $2) }, seesBoundOnly: true, pressure: pressure)
      return (pool, report.remark)
    }
    return Counted(pool, source: name, remark: remark)
  }

  func fullestTuple(_ view: NamespaceView, until deadline: Deadline) throws(ReadError) -> Counted<FullestTuple> {
    guard let settings = view.settings?.pool else { throw .systemCall(.unsupported("a pool without settings")) }
    let fullest = try count(view, until: deadline) { counter, report, _ in
      let connect = TCPPressure(counter, report, settings, tupleLimit: 0) { "\($0)" }.connect
      return FullestTuple(used: connect.mostHeld, capacity: connect.capacity)
    }
    return Counted(fullest, source: name)
  }

  /// What `read` makes of a count that fits.
  private func count<Value: Sendable>(
    _ view: NamespaceView, until deadline: Deadline, _ read: (borrowing SocketCounter, CountReport, PortClasses) -> Value
  ) throws(ReadError) -> Value {
    guard let classes else { throw .refused("the kernel counts sockets in \(CountRequest.classLimit) ranges at most") }
    let request = CountRequest(
      pool: view.settings?.pool.pool ?? PortSet(), range: view.settings?.pool.range, classes: classes.numbers,
      localAddresses: view.settings?.localAddresses ?? LocalAddresses())
    var misfit = ""
    for _ in 1...Self.attempts {
      let before = try SocketTotals(reading: view.proc)
      let result = try SocketCounter.withShared { (counter) throws(ReadError) -> (value: Value, counted: Int) in
        let report = try counter.count(request, until: deadline)
        let sockets = classes.counts { counter.sockets($0, $1, inClass: $2) }
        return (read(counter, report, classes), sockets.inRunningCount)
      }
      guard let before, let after = try SocketTotals(reading: view.proc) else {
        throw .refused("the kernel keeps no count of its sockets that its tables could be held against")
      }
      if Self.fits(result.counted, Int(clamping: before.tcp), Int(clamping: after.tcp)) {
        failures = 0
        return result.value
      }
      misfit = "\(result.counted) TCP sockets were counted in the kernel, whose own count is \(after.tcp)"
    }
    failures += 1
    if failures >= Self.patience { SocketCounter.giveUp(misfit) }
    throw .refused(misfit)
  }

  /// Whether a count agrees with the kernel's own before and after it, but for what may have come and gone meanwhile.
  static func fits(_ counted: Int, _ before: Int, _ after: Int) -> Bool {
    let slack = 16 + max(before, after) / 64
    return counted >= min(before, after) - slack && counted <= max(before, after) + slack
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
