internal import Kernel

/// inet_diag where the kernel answers, `/proc` where it refuses.
struct PreferredSocketSource: SocketSource {
  let netlink = InetDiagSocketSource()
  let proc: ProcSocketSource

  func fill(_ tally: inout TCPTally, until deadline: Deadline) throws(ReadError) -> FillReport {
    do {
      return try netlink.fill(&tally, until: deadline)
    } catch .systemCall(let error) {
      tally.restart()
      return try remarking(error, proc.fill(&tally, until: deadline))
    }
  }

  func fillConnections(_ tally: inout TCPTally, until deadline: Deadline) throws(ReadError) {
    do {
      try netlink.fillConnections(&tally, until: deadline)
    } catch .systemCall {
      tally.restartConnections()
      try proc.fillConnections(&tally, until: deadline)
    }
  }

  func fill(_ tally: inout UDPTally, until deadline: Deadline) throws(ReadError) -> FillReport {
    do {
      return try netlink.fill(&tally, until: deadline)
    } catch .systemCall(let error) {
      tally.restart()
      return try remarking(error, proc.fill(&tally, until: deadline))
    }
  }

  private func remarking(_ error: SystemCallError, _ report: FillReport) -> FillReport {
    var report = report
    report.remark = "\(error); reading /proc instead, which does not show bound sockets that are not connected"
    return report
  }
}
