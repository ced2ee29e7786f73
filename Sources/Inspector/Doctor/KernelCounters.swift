internal import Kernel
internal import KernelFormats

/// Reads what the kernel counts of a namespace beside its sockets.
struct KernelCounters: Sendable {
  let proc: ProcFileSystem

  /// TIME_WAIT sockets, and `tcp_max_tw_buckets`.
  func timeWaitBuckets() throws(ReadError) -> Evidence.Fill? {
    let counts = try parse(proc.net("sockstat")) { bytes throws(FormatError) in try SockstatFormat(bytes) }
    guard let counts, let limit = try number(proc.sysctl("tcp_max_tw_buckets")) else { return nil }
    return Evidence.Fill(used: counts.timeWait, limit: limit)
  }

  /// Connections that closed without a TIME_WAIT because there were too many, since the namespace began. 0 where the kernel does not tell.
  ///
  /// Kernel: `LINUX_MIB_TCPTIMEWAITOVERFLOW`, counted by `tcp_time_wait` in `net/ipv4/tcp_minisocks.c`.
  func timeWaitOverflows() throws(ReadError) -> UInt64 {
    let value = try parse(proc.net("netstat")) { bytes throws(FormatError) in
      try NetstatFormat.value(bytes, "TcpExt", "TCPTimeWaitOverflow")
    }
    return (value ?? nil).map { UInt64(clamping: $0) } ?? 0
  }

  /// Entries of the connection tracking table, and `nf_conntrack_max`; `nil` without connection tracking.
  func conntrackFill() throws(ReadError) -> Evidence.Fill? {
    guard
      let used = try number("\(proc.root)/sys/net/netfilter/nf_conntrack_count"),
      let limit = try number("\(proc.root)/sys/net/netfilter/nf_conntrack_max")
    else { return nil }
    return Evidence.Fill(used: used, limit: limit)
  }

  /// What connection tracking lost so far; `nil` without it.
  func conntrackLosses() throws(ReadError) -> ConntrackStatFormat? {
    try parse(proc.net("stat/nf_conntrack")) { bytes throws(FormatError) in try ConntrackStatFormat(bytes) }
  }

  private func number(_ path: String) throws(ReadError) -> UInt64? {
    try parse(path) { bytes throws(FormatError) in try SysctlFormats.number(bytes, field: "value") }
  }

  /// `nil` where there is no such file.
  private func parse<Value>(
    _ path: String, _ parser: (borrowing Span<UInt8>) throws(FormatError) -> Value
  ) throws(ReadError) -> Value? {
    let bytes: [UInt8]?
    do { bytes = try FileReader.bytesIfPresent(of: path) } catch {
      // What is for root only is not there for others.
      if error.isPermissionDenied { return nil }
      throw .systemCall(error)
    }
    guard let bytes else { return nil }
    do { return try parser(bytes.span) } catch { throw ReadError(error, in: path) }
  }
}
