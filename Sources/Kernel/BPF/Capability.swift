internal import CBPF

/// A right of a process. Manual page: `capabilities(7)`.
package struct Capability: RawRepresentable, Sendable, Hashable {
  package let rawValue: Int32
  package init(rawValue: Int32) { self.rawValue = rawValue }

  package static let systemAdministration = Capability(rawValue: 21)
  /// Reading the kernel's memory by a program, and measuring.
  package static let performanceMonitoring = Capability(rawValue: 38)
  /// Loading programs into the kernel.
  package static let programs = Capability(rawValue: 39)

  /// Whether the calling thread has it in effect. The corresponding system call is `capget`.
  package var isHeld: Bool { cbpf_has_capability(rawValue) == 1 }

  /// Takes it from the calling thread and from all that it makes from now on; nothing gives it back. The corresponding system call is `capset`.
  ///
  /// - Throws: why it is still held: a system call filter may refuse this one too.
  package func drop() throws(SystemCallError) {
    guard cbpf_drop_capability(rawValue) != 0 else { return }
    let error = SystemCallError.last("capset", "")
    if isHeld { throw error }
  }
}
