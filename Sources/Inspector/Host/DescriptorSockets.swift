package import Kernel
internal import KernelFormats
internal import Scraper

/// Asks sockets themselves, by way of the descriptors of the programs that have them open: what no table tells, such as the port of a socket that
/// is bound and nothing more before Linux 6.8, or a range of its own.
///
/// As costly as ``OwnerSearch``, and bounded in time. It takes the right to trace the programs.
package struct DescriptorSockets: Sendable {
  let host: HostFiles

  package init(host: HostFiles) {
    self.host = host
  }

  private static let time = Duration.seconds(3)

  /// How far the programs could be asked.
  package struct Reach: Sendable, Hashable {
    /// Programs whose descriptors may not be looked at, or copied.
    package var refused = 0
    /// Time ran out before all were asked.
    package var isLate = false
    /// The kernel copies no descriptors: before Linux 5.6.
    package var isUnsupported = false

    package init(refused: Int = 0, isLate: Bool = false, isUnsupported: Bool = false) {
      self.refused = refused
      self.isLate = isLate
      self.isUnsupported = isUnsupported
    }

    /// All of them were asked.
    package var isWhole: Bool { refused == 0 && !isLate && !isUnsupported }
  }

  /// Calls `body` with each TCP socket whose inode number `isWanted`, once.
  package func forEach(_ isWanted: (_ inode: UInt64) -> Bool, _ body: (_ inode: UInt64, _ socket: borrowing BorrowedSocket) -> Void)
    -> Reach
  {
    var reach = Reach()
    var asked: Set<UInt64> = []
    let deadline = Deadline(.now + Self.time)
    for pid in host.processes {
      guard !deadline.hasPassed else {
        reach.isLate = true
        return reach
      }
      var candidates: [(descriptor: Int32, inode: UInt64)] = []
      do throws(SystemCallError) {
        try DescriptorLinks.forEachNumbered(in: "\(host.procfs)/\(pid)/fd") { number, link in
          guard let inode = LinkFormats.socketInode(link), isWanted(inode), asked.insert(inode).inserted else { return }
          candidates.append((number, inode))
        }
        guard !candidates.isEmpty else { continue }
        let process = try ProcessHandle(pid)
        for candidate in candidates {
          // One that has been closed meanwhile is no longer anybody's.
          guard let socket = try Self.borrowed(candidate.descriptor, process) else { continue }
          // Where the process numbers of this /proc are not our own, it is another process's.
          guard socket.inode == candidate.inode else {
            reach.refused += 1
            break
          }
          guard socket.isTCP else { continue }
          body(candidate.inode, socket)
        }
      } catch {
        if error.isUnsupported {
          reach.isUnsupported = true
          return reach
        }
        if !error.isNoSuchProcess, !error.isNoSuchFile { reach.refused += 1 }
      }
    }
    return reach
  }

  private static func borrowed(_ number: Int32, _ process: borrowing ProcessHandle) throws(SystemCallError) -> BorrowedSocket? {
    do throws(SystemCallError) { return try BorrowedSocket(number, of: process) } catch {
      guard error.isBadDescriptor else { throw error }
      return nil
    }
  }
}
