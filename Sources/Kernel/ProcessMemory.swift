internal import CLinux

/// Memory that this process no longer needs.
package enum ProcessMemory {
  /// Returns freed memory to the system, which the allocator otherwise keeps. The corresponding C function is `malloc_trim`.
  package static func giveBack() { portpool_give_memory_back() }
}
