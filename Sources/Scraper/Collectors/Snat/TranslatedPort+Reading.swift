package import Kernel
package import PortModel

extension TranslatedPort {
  /// How many are kept.
  private static let limit = 100

  /// Reads the whole table of the namespace that `proc` shows. None without connection tracking.
  ///
  /// - Throws: also if neither ctnetlink nor `/proc/net/nf_conntrack` may be read.
  package init(
    _ port: Port, _ transports: [TransportProtocol], reading proc: ProcFileSystem, until deadline: Deadline = .never
  ) throws(ReadError) {
    let wanted = Set(transports.map { $0 == .tcp ? TrackedProtocol.tcp : .udp })
    var (connections, count): ([TrackedConnection], Int) = ([], 0)
    func note(_ connection: TrackedConnection) {
      guard connection.reply.destinationPort == port, wanted.contains(connection.transport), connection.isSourceTranslated else { return }
      count += 1
      if connections.count < Self.limit { connections.append(connection) }
    }
    // No netlink socket of this thread answers for another process's namespace, nor for a copy of /proc.
    var isRead = false
    if proc.isInsideOfReader {
      do throws(ReadError) {
        _ = try ConntrackTable.dump(until: deadline, note)
        isRead = true
      } catch {
        guard case .systemCall = error else { throw error }
        (connections, count) = ([], 0)
      }
    }
    if !isRead { _ = try ConntrackTable.readFile(proc, until: deadline, note) }
    self.init(connections: connections, count: count)
  }
}
