package import PortModel

/// Whose a socket is, as inet_diag says it along with every socket.
package struct SocketHolder: Sendable, Hashable {
  package let localPort: Port
  /// 0 when no process owns the socket.
  package let inode: UInt64
  /// The number of the control group that the socket was made in: the inode of its directory in the hierarchy of version 2, 1 for the root. 0 for
  /// TIME_WAIT and half-open sockets, and on kernels that do not tell (before Linux 5.9).
  ///
  /// Kernel: `INET_DIAG_CGROUP_ID`, `inet_diag_msg_attrs_fill` in `net/ipv4/inet_diag.c`.
  package let controlGroup: UInt64

  package init(localPort: Port, inode: UInt64, controlGroup: UInt64) {
    self.localPort = localPort
    self.inode = inode
    self.controlGroup = controlGroup
  }
}
