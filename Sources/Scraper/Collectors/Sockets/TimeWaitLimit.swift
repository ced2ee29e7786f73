package import Kernel
internal import KernelFormats

/// How near a namespace is to the most TIME_WAIT sockets that it may have. Past that, connections close without one.
package struct TimeWaitLimit: Sendable {
  /// TIME_WAIT sockets and `tcp_max_tw_buckets`; `nil` if this kernel does not show both.
  package let fill: (used: UInt64, limit: UInt64)?
  /// Connections that closed without a TIME_WAIT because there were too many, since the namespace began. 0 where the kernel does not tell.
  ///
  /// Kernel: `LINUX_MIB_TCPTIMEWAITOVERFLOW`, counted by `tcp_time_wait` in `net/ipv4/tcp_minisocks.c`.
  package let overflows: UInt64

  package init(reading proc: ProcFileSystem) throws(ReadError) {
    let counts = try FileReader.valueIfReadable(of: proc.net("sockstat")) { bytes throws(FormatError) in try SockstatFormat(bytes) }
    let limit = try Sysctl.numberIfReadable(proc.sysctl("tcp_max_tw_buckets"))
    if let counts = counts ?? nil, let limit { fill = (counts.timeWait, limit) } else { fill = nil }
    let overflows = try FileReader.valueIfReadable(of: proc.net("netstat")) { bytes throws(FormatError) in
      try NetstatFormat.value(bytes, "TcpExt", "TCPTimeWaitOverflow")
    }
    self.overflows = UInt64(clamping: (overflows ?? nil) ?? 0)
  }
}
