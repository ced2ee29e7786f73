internal import CLinux

/// Where a process file system is mounted, and whose network namespace is read through it.
package struct ProcFileSystem: Sendable, Hashable {
  /// Whose `net` directory is read.
  package enum View: Sendable, Hashable {
    /// `/proc/net`: the namespace of this process's main thread, and what a copied tree in a test has.
    case process
    /// `/proc/thread-self/net`: the namespace of the calling thread, which may have entered another one.
    case thread
    /// `/proc/PID/net`: the namespace of another process.
    case other(pid: Int32)
  }

  /// The mount point, such as `/proc` (`--path.procfs`).
  package let root: String
  package let view: View

  package init(root: String = "/proc", view: View = .process) {
    self.root = root.count > 1 && root.hasSuffix("/") ? String(root.dropLast()) : root
    self.view = view
  }

  /// A process file system of the running kernel, not a copy of one. The corresponding C function is `statfs`.
  package var isLive: Bool { unsafe portpool_is_procfs(root) != 0 }

  /// The running kernel's, and of the namespace that the caller is in.
  package var isInsideOfReader: Bool {
    if case .other = view { return false }
    return isLive
  }

  /// A file of the namespace: `/proc/net/tcp`.
  package func net(_ file: String) -> String {
    switch view {
    case .process: "\(root)/net/\(file)"
    case .thread: "\(root)/thread-self/net/\(file)"
    case .other(let pid): "\(root)/\(pid)/net/\(file)"
    }
  }

  /// A setting of the reader's own namespace, whatever the view: `/proc/sys/net/ipv4/ip_local_port_range`.
  package func sysctl(_ name: String) -> String { "\(sysctlDirectory)/\(name)" }

  /// `/proc/sys/net/ipv4`
  package var sysctlDirectory: String { "\(root)/sys/net/ipv4" }
}
