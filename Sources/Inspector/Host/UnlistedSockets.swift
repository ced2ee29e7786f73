package import Kernel
package import PortModel
internal import Scraper

/// TCP sockets that are bound and neither listen nor connect, on a kernel that lists them in no table: found by way of their programs' descriptors.
package struct UnlistedSockets: Sendable, Hashable {
  package let records: [SocketRecord]
  package let reach: DescriptorSockets.Reach
  /// At most how many there are on the whole host, by the kernel's count of all TCP sockets; `nil` where it does not show.
  package let limit: UInt64?

  package init(records: [SocketRecord], reach: DescriptorSockets.Reach, limit: UInt64?) {
    self.records = records
    self.reach = reach
    self.limit = limit
  }

  /// Looks for those of the namespace that `proc` shows.
  ///
  /// What has a port and is in no table is one of them, provided that it was not opened meanwhile: so the tables are read again. Programs that do
  /// not even show, as with `hidepid`, cannot be counted; then the rights of the reader tell.
  package init(_ host: HostFiles, _ proc: ProcFileSystem) throws(ReadError) {
    let namespace = host.namespace(at: "\(host.procfs)/\(proc.view == .thread ? "thread-self" : "self")/ns/net")
    let listed = try Self.listed(proc)
    var found: [SocketRecord] = []
    var reach = DescriptorSockets(host: host).forEach({ !listed.contains($0) }) { inode, socket in
      guard let local = socket.local, let namespace, socket.namespace == namespace else { return }
      found.append(
        SocketRecord(
          transport: .tcp, state: .close, local: local.address, localPort: local.port,
          remote: local.address.isIPv4 ? .anyIPv4 : .anyIPv6, remotePort: 0, inode: inode))
    }
    if host.rights?.seesAllProcesses == false { reach.refused = max(1, reach.refused) }
    let listedMeanwhile = found.isEmpty ? [] : try Self.listed(proc)
    records = found.filter { !listedMeanwhile.contains($0.inode) }
    self.reach = reach
    limit = try? SocketTotals.unlistedLimit(reading: proc)
  }

  private static func listed(_ proc: ProcFileSystem) throws(ReadError) -> Set<UInt64> {
    var inodes: Set<UInt64> = []
    try SocketLister(proc).list(.tcp) { inodes.insert($0.inode) }
    return inodes
  }

  /// How far the search went, and at most how many sockets there are; `nil` if every program was asked.
  package var gap: String? {
    guard !reach.isWhole else { return nil }
    let why =
      reach.isUnsupported
      ? "this kernel lets nobody ask (pidfd_getfd, Linux 5.6)"
      : reach.isLate
        ? "not all programs could be asked in time"
        : "\(counted(reach.refused, "program")) could not be asked: run this with sudo (CAP_SYS_PTRACE)"
    return why + (limit.map { "; the whole host has at most \(grouped($0)) of them" } ?? "")
  }
}
