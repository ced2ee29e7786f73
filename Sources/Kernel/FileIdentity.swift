internal import Glibc

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
}
