package import PortModel

/// One socket that holds the port in question.
package struct HeldSocket: Sendable, Hashable {
  package let record: SocketRecord
  package let direction: SocketDirection
  /// The other end is on this host too.
  package let isLocal: Bool
  /// Whether the program chose the port; `nil` when the kernel was not asked, or does not keep that.
  package let isChosenByProgram: Bool?
  package let owner: SocketOwner
  /// Who has the other end open, when that is on this host.
  package let peers: [ProcessDescription]

  package init(
    record: SocketRecord, direction: SocketDirection, isLocal: Bool, isChosenByProgram: Bool? = nil, owner: SocketOwner,
    peers: [ProcessDescription] = []
  ) {
    self.record = record
    self.direction = direction
    self.isLocal = isLocal
    self.isChosenByProgram = isChosenByProgram
    self.owner = owner
    self.peers = peers
  }

  package var isConnection: Bool { direction >= .inbound }

  /// `LISTEN`, `TIME_WAIT`, as `ss` and `netstat` write them.
  package var stateText: String {
    record.state.name(record.transport).uppercased()
  }
}

extension HeldSocket: Comparable {
  /// Listeners before clients, then by state and address.
  package static func < (left: HeldSocket, right: HeldSocket) -> Bool {
    if left.record.transport != right.record.transport { return left.record.transport == .tcp }
    if left.direction != right.direction { return left.direction < right.direction }
    let (a, b) = (left.record, right.record)
    if a.state != b.state { return a.state.rawValue < b.state.rawValue }
    if a.local != b.local { return a.local < b.local }
    return (a.remote, a.remotePort, a.inode) < (b.remote, b.remotePort, b.inode)
  }
}
