internal import Glibc

/// Numbers of the running process and system that files of `/proc` do not tell.
package enum ProcessLimits {
  /// The soft limit of open descriptors. The corresponding C function is `getrlimit`.
  package static var descriptors: UInt64 {
    var limit = rlimit()
    guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 0 }
    return UInt64(limit.rlim_cur)
  }

  /// Clock ticks in a second. The corresponding C function is `sysconf`.
  package static var ticksPerSecond: UInt64 { UInt64(clamping: max(1, sysconf(Int32(_SC_CLK_TCK)))) }

  /// Bytes in a page of memory. The corresponding C function is `sysconf`.
  package static var pageSize: UInt64 { UInt64(clamping: max(1, sysconf(Int32(_SC_PAGESIZE)))) }
}
