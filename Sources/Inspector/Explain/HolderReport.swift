package import PortModel

/// Who holds ports towards one destination, or ports of one range: counts by process and state.
package struct HolderReport: Sendable, Hashable {
  package let subject: Subject
  package let namespace: NamespaceName
  /// `nil` when they could not be read; ``notes`` says why.
  package let settings: PoolSettings?
  /// The most sockets first.
  package let holders: [Holder]
  /// Distinct local ports of all holders, a port of TCP and the same of UDP counted separately.
  package let ports: Int
  /// What is left for the destination, by source address, least headroom first; empty for a range, and where no TCP connection holds a pool port.
  package let tuples: [TupleHeadroom]
  /// What could not be looked at, a sentence each.
  package let notes: [String]

  package init(
    subject: Subject, namespace: NamespaceName, settings: PoolSettings?, holders: [Holder], ports: Int, tuples: [TupleHeadroom] = [],
    notes: [String] = []
  ) {
    self.subject = subject
    self.namespace = namespace
    self.settings = settings
    self.holders = holders
    self.ports = ports
    self.tuples = tuples
    self.notes = notes
  }

  package enum Subject: Sendable, Hashable {
    /// The other end of connections: `10.0.0.9:5432`.
    case destination(IPAddress, Port)
    /// The local ports of sockets.
    case range(NamedRange)
  }

  /// A process with its sockets, or those of which none is known for one reason.
  package struct Holder: Sendable, Hashable {
    /// One process, the first of those that share the sockets; or why there is none.
    package let owner: SocketOwner
    /// The user number of the sockets, where no process is known but some other user's has them.
    package let uid: UInt32?
    package let sockets: Int
    package let ports: Int
    /// By transport and state, the most first: 12 TCP sockets in `established`.
    package let states: [StateCount]

    package init(owner: SocketOwner, uid: UInt32? = nil, sockets: Int, ports: Int, states: [StateCount]) {
      self.owner = owner
      self.uid = uid
      self.sockets = sockets
      self.ports = ports
      self.states = states
    }
  }

  package struct StateCount: Sendable, Hashable {
    package let transport: TransportProtocol
    /// The label value, such as `time_wait`.
    package let state: String
    package let count: Int

    package init(_ transport: TransportProtocol, _ state: String, _ count: Int) {
      self.transport = transport
      self.state = state
      self.count = count
    }
  }

  /// All sockets together.
  package var sockets: Int { holders.reduce(0) { $0 + $1.sockets } }

  /// How many are in `state`.
  func sockets(in state: SocketState) -> Int {
    holders.flatMap(\.states).filter { $0.transport == .tcp && $0.state == state.name(.tcp) }.reduce(0) { $0 + $1.count }
  }
}

extension PortRange {
  /// What `portpool explain` calls `net.ipv4.ip_local_port_range`.
  package static let ephemeralName = "ephemeral"
}
