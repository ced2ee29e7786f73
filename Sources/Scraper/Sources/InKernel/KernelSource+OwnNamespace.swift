internal import Kernel
internal import PortModel

extension KernelSource {
  /// How many times a count is tried if it does not fit.
  private static let attempts = 3
  /// The same for UDP sockets alone, which come and go in bursts and are counted in a millisecond.
  private static let udpAttempts = 10
  /// After how many counts in a row that did not fit no other is made.
  private static let patience = 3

  private static var tooManyRanges: ReadError { .refused("the kernel counts sockets in \(CountRequest.classLimit) ranges at most") }

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
    let counted: RunningCount
    let udp: UDPFinding
    let others: KernelCount?
  }

  /// What `read` makes of a count of the own namespace that fits, and its UDP sockets if they were counted and fit as well. Other namespaces are counted in
  /// the same walk, unless they were in this snapshot or `isAlone` says that they are not to be.
  func count<Value: Sendable>(
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
          value: read(counter, report, classes),
          counted: RunningCount(
            tcp: sockets(counter, report, classes).inRunningCount, udp: udpSockets(counter, report, classes).total),
          udp: transports.contains(.udp) ? finding(counter, report, classes, view) : .nothing,
          others: count.others.isEmpty ? nil : count)
      }
      guard let before, let after = try SocketTotals(reading: view.proc) else {
        throw .refused("the kernel keeps no count of its sockets that its tables could be held against")
      }
      if withOthers { others.count = result.others }
      var udp = result.udp
      if case .pool = udp {
        if result.counted.udpFits(before, after) { udpFailures = 0 } else { udp = .nothing }
      }
      if transports.contains(.tcp) {
        if result.counted.tcpFits(before, after) {
          failures = 0
          return (result.value, udp)
        }
        misfit = Self.misfit(result.counted.tcp ?? 0, after)
      } else if case .nothing = udp {
        misfit = Self.misfit(udp: result.counted.udp ?? 0, after)
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
}
