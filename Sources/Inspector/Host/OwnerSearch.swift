internal import Kernel
internal import KernelFormats
internal import PortModel

/// Finds the processes that have sockets open, by looking at every descriptor of every process: costly, so only when someone asks.
package struct OwnerSearch: Sendable {
  private let host: HostFiles

  package init(_ host: HostFiles) {
    self.host = host
  }

  /// Looks for the sockets with these inode numbers.
  ///
  /// A process that ends meanwhile is passed over. One that may not be looked at is counted.
  package func owners(of inodes: Set<UInt64>) -> Owners {
    var holders: [UInt64: [Int32]] = [:]
    var refused = 0
    for pid in inodes.isEmpty ? [] : host.processes {
      do {
        try DescriptorLinks.forEach(in: "\(host.procfs)/\(pid)/fd") { link in
          guard let inode = LinkFormats.socketInode(link), inodes.contains(inode), holders[inode]?.last != pid else { return }
          holders[inode, default: []].append(pid)
        }
      } catch {
        if error.isPermissionDenied, host.hasProcess(pid) { refused += 1 }
      }
    }
    let users = holders.isEmpty ? [:] : host.users
    let described = Dictionary(
      uniqueKeysWithValues: Set(holders.values.joined()).map { ($0, ProcessDescription($0, host, users: users)) })
    return Owners(
      processes: holders.mapValues { $0.compactMap { described[$0] } }, refused: refused,
      seesAll: refused == 0 && host.rights?.seesAllProcesses != false)
  }
}

/// Who has which socket open.
package struct Owners: Sendable, Hashable {
  /// By the socket's inode number; a socket that is shared has several.
  package let processes: [UInt64: [ProcessDescription]]
  /// Processes whose descriptors may not be looked at.
  package let refused: Int
  /// Every process of this `/proc` could be looked at. With `hidepid` others do not even show, so the reader's own rights count too.
  package let seesAll: Bool

  package init(processes: [UInt64: [ProcessDescription]], refused: Int = 0, seesAll: Bool) {
    self.processes = processes
    self.refused = refused
    self.seesAll = seesAll
  }

  /// The process that has a socket open, the first of those that share it.
  func process(of record: SocketRecord) -> ProcessDescription? { processes[record.inode]?.first }

  /// That processes may not be looked at, and what would help; `nil` if all may be, or every socket of `records` that can have an owner has one.
  func note(onMissing records: some Sequence<SocketRecord>) -> String? {
    guard !seesAll, records.contains(where: { $0.inode != 0 && processes[$0.inode] == nil }) else { return nil }
    let refused =
      refused > 0
      ? "\(counted(refused, "process may", plural: "processes may")) not be looked at" : "Other users' processes may not be looked at"
    return "\(refused): run this with sudo to see whose sockets these are (CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH)."
  }
}
