/// What a process may look at.
///
/// Manual page: `capabilities(7)`.
package struct Rights: Sendable, Hashable {
  package let user: UInt32
  /// The effective ones, a bit each.
  package let capabilities: UInt64

  package init(user: UInt32, capabilities: UInt64) {
    self.user = user
    self.capabilities = capabilities
  }

  /// Which descriptors the processes of other users have open: `CAP_SYS_PTRACE`, and `CAP_DAC_READ_SEARCH` for the directory they stand in.
  package var seesAllProcesses: Bool { has(19) && (has(2) || has(1)) }

  private func has(_ bit: UInt64) -> Bool { capabilities >> bit & 1 == 1 }
}
