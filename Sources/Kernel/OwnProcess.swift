internal import CLinux
internal import Glibc

/// This host's name. The corresponding C function is `gethostname`.
package enum HostName {
  package static var current: String {
    var buffer = [CChar](repeating: 0, count: 256)
    guard unsafe gethostname(&buffer, buffer.count - 1) == 0 else { return "localhost" }
    return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(truncatingIfNeeded: $0) }, as: UTF8.self)
  }
}

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

/// Memory that this process no longer needs.
package enum ProcessMemory {
  /// Returns freed memory to the system, which the allocator otherwise keeps. The corresponding C function is `malloc_trim`.
  package static func giveBack() { portpool_give_memory_back() }
}
