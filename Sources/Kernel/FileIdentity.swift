internal import Glibc
internal import KernelFormats
package import PortModel

/// Which file a path leads to, whatever it is called. The corresponding C function is `stat`.
package struct FileIdentity: Sendable, Hashable {
  package let device: UInt64
  package let inode: UInt64

  package init(of path: String) throws(SystemCallError) {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { throw .last("stat", path) }
    device = UInt64(status.st_dev)
    inode = UInt64(status.st_ino)
  }
}

extension ProcFileSystem {
  /// Which namespace a process is in, told without any right: each namespace has a file `net/dev` of its own.
  ///
  /// `/proc/PID/ns/net` says the same to those who may trace the process. A process that has ended has neither; its link is then refused with
  /// `EACCES`, the file with `ENOENT`.
  ///
  /// Kernel: `proc_tgid_net_lookup` in `fs/proc/proc_net.c`, `proc_ns_readlink` in `fs/proc/namespaces.c`.
  package func namespaceFile(of process: String) throws(SystemCallError) -> FileIdentity {
    try FileIdentity(of: "\(root)/\(process)/net/dev")
  }

  /// The number of the reader's own namespace; `nil` where the link that says so may not be read.
  package var ownNamespace: NetworkNamespaceID? {
    (try? SymbolicLink.target(of: "\(root)/self/ns/net")).flatMap { LinkFormats.networkNamespace($0.span) }
  }

  /// The number of the namespace that is viewed; `nil` where the link that says so may not be read.
  package var viewedNamespace: NetworkNamespaceID? {
    let task =
      switch view {
      case .process: "self"
      case .thread: "thread-self"
      case .other(let pid): "\(pid)"
      }
    return (try? SymbolicLink.target(of: "\(root)/\(task)/ns/net")).flatMap { LinkFormats.networkNamespace($0.span) }
  }

  /// Whether process 1 is in the network namespace that this shows, as on a host; `nil` where that cannot be known, as in a copied tree.
  ///
  /// `net` and `sys/net` lead to the reader's own namespace, also below `/host/proc`. Who mounts the host's process file system into a container with a
  /// network of its own sees that container's sockets there, and everything else of the host.
  package var isOfFirstProcess: Bool? {
    guard isLive else { return nil }
    let own: String
    switch view {
    case .process: own = "self"
    case .thread: own = "thread-self"
    case .other(let pid): own = "\(pid)"
    }
    if let first = try? SymbolicLink.target(of: "\(root)/1/ns/net"), let mine = try? SymbolicLink.target(of: "\(root)/\(own)/ns/net") {
      return first == mine
    }
    // Who may not trace process 1 is not told its link.
    guard let first = try? namespaceFile(of: "1"), let mine = try? namespaceFile(of: own) else { return nil }
    if first == mine { return true }
    // One namespace has one file on Linux. Where it has one for each directory, as in gVisor, files say nothing.
    guard let number = try? SymbolicLink.target(of: "\(root)/self"), let main = try? namespaceFile(of: "self") else { return nil }
    let process = String(decoding: number, as: UTF8.self)
    return (try? namespaceFile(of: "\(process)/task/\(process)")) == main ? false : nil
  }
}
