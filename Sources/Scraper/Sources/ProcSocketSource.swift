internal import Kernel
internal import KernelFormats
internal import PortModel

/// The socket tables of `/proc`: the reference, which every kernel has and which needs no right.
struct ProcSocketSource: SocketSource {
  let proc: ProcFileSystem

  /// Reads the listeners of `tcp6`, then `tcp`, then the rest of `tcp6`: a dual-stack listener takes its port from IPv4 connections too, so
  /// every listener has to be known before the first connection. The kernel lists listeners first.
  func fill(_ tally: inout TCPTally, until deadline: Deadline) throws(ReadError) -> FillReport {
    var tcp6 = try SocketTable.ifPresent(SocketTableFormat(.tcp, isIPv6: true), proc)
    try tcp6?.read(until: deadline) { record in
      guard record.state == .listen else { return false }
      tally.observe(record)
      return true
    }
    var tcp = try SocketTable(SocketTableFormat(.tcp, isIPv6: false), proc)
    try tcp.readRest(into: &tally, until: deadline)
    try tcp6?.readRest(into: &tally, until: deadline)
    return FillReport(source: .proc, seesBinds: false)
  }

  /// `/proc` cannot filter.
  func fillConnections(_ tally: inout TCPTally, until deadline: Deadline) throws(ReadError) {
    _ = try fill(&tally, until: deadline)
  }

  func fill(_ tally: inout UDPTally, until deadline: Deadline) throws(ReadError) -> FillReport {
    var udp = try SocketTable(SocketTableFormat(.udp, isIPv6: false), proc)
    try udp.readRest(into: &tally, until: deadline)
    var udp6 = try SocketTable.ifPresent(SocketTableFormat(.udp, isIPv6: true), proc)
    try udp6?.readRest(into: &tally, until: deadline)
    return FillReport(source: .proc, seesBinds: false)
  }
}
