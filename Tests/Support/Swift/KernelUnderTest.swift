internal import Kernel
package import PortModel
package import Testing

/// What the kernel that the tests run on can do, where that decides what they expect.
package enum KernelUnderTest {
  /// Whether its namespaces say where their UDP sockets are (Linux 6.2).
  package static let showsUDPTables = KernelRelease.current.map { $0 >= KernelRelease(major: 6, minor: 2) } ?? false

  /// Where UDP sockets are counted if it is asked to count in it.
  package static var udpSource: SourceName { showsUDPTables ? .bpf : .netlink }
}

extension Trait where Self == ConditionTrait {
  /// Skips a test, and says why, where the kernel's programs find no UDP sockets.
  package static var udpTablesShown: Self {
    .enabled(if: KernelUnderTest.showsUDPTables, "this kernel shows no way to UDP sockets (before Linux 6.2)")
  }
}
