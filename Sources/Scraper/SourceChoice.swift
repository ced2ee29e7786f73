internal import Kernel

/// Which source to read sockets from: `--source`.
package enum SourceChoice: String, Sendable, Hashable, CaseIterable {
  /// inet_diag, or `/proc` where the kernel refuses.
  case auto
  case proc
  case netlink
}

extension SourceChoice {
  /// The source of what `proc` shows.
  ///
  /// - Parameter mayUseNetlink: whether the calling thread is in that namespace. A copy of `/proc` somewhere else says nothing about the kernel this runs
  ///   on, nor the kernel about it.
  func source(_ proc: ProcFileSystem, mayUseNetlink: Bool) -> any SocketSource {
    let table = ProcSocketSource(proc: proc)
    switch self {
    case .proc: return table
    case .netlink: return InetDiagSocketSource()
    case .auto: return mayUseNetlink ? PreferredSocketSource(proc: table) : table
    }
  }
}
