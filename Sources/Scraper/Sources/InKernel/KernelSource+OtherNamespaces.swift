internal import Kernel
internal import PortModel

extension KernelSource {
  /// What is known of other namespaces in one snapshot.
  struct OtherCounts {
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

  /// Whether others are wanted, and there is memory for them.
  var canCountOthers: Bool { !others.wanted.isEmpty && !others.haveFailed && SocketCounter.prepare(.all) == nil }

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
