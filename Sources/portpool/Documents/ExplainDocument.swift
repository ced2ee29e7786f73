internal import Inspector
internal import KernelFormats
internal import PortModel

/// The JSON of `portpool explain --format json`. Its field names are a promise.
struct ExplainDocument: JSONDocument {
  let port: Port
  let verdict: String
  let netns: String
  /// The namespace's inode number; missing where it may not be read.
  let netns_inode: UInt64?
  /// `well_known`, `registered` or `dynamic`.
  let iana_range: String
  /// By transport, such as `{"tcp": "http"}`; missing without a services database.
  let services: [String: String]?
  /// What the kernel does with the port: `handed_out`, `reserved`, `outside` or `unknown`.
  let kernel: String
  /// Missing when the settings could not be read.
  let range: SnapshotDocument.Range?
  /// The names of the ranges given with `--range` that the port lies in; missing if there are none.
  let named_ranges: [String]?
  let sockets: [Socket]
  /// Connections of others that this host translates to the port, at most a hundred; missing if there are none.
  let translated: [Translated]?
  let other_namespaces: [Namespace]
  let advice: [String]
  /// What could not be looked at, a sentence each.
  let notes: [String]

  struct Socket: Codable, Sendable {
    let `protocol`: String
    let state: String
    /// `listening`, `bound`, `receiving`, `inbound`, `inbound (listener gone)` or `outgoing`.
    let direction: String
    /// Both ends are on this host.
    let local: Bool
    let address: String
    /// Missing for a socket that is not connected.
    let peer: Peer?
    /// Missing outside TIME_WAIT.
    let time_wait_remaining_ms: UInt32?
    /// Missing when the kernel could not be asked.
    let port_chosen_by_program: Bool?
    /// Missing for a socket without an owner.
    let uid: UInt32?
    /// 0 for a socket that no process owns.
    let inode: UInt64
    let processes: [Process]
    /// Why there are no processes, as a word and as a sentence.
    let no_owner: Gap?
    /// Who has the other end, when that is on this host.
    let peer_processes: [Process]
  }

  /// `client` reaches `destination` as `translated`.
  struct Translated: Codable, Sendable {
    let `protocol`: String
    let client: Peer
    let destination: Peer
    let translated: Peer
  }

  struct Peer: Codable, Sendable {
    let address: String
    let port: Port
  }

  struct Gap: Codable, Sendable {
    let reason: String
    let explanation: String
  }

  struct Process: Codable, Sendable {
    let pid: Int32
    let command: String
    let arguments: [String]
    let uid: UInt32?
    let user: String?
    let unit: String?
    let container: String?
    let runtime: String?
    let pod: String?
  }

  struct Namespace: Codable, Sendable {
    let netns: String
    let listeners: Int
    let others: Int
    /// A process that is in there; missing where only a name below `/run/netns` keeps the namespace.
    let process: Process?
  }
}

extension ExplainDocument {
  init(_ report: PortReport) {
    port = report.port
    verdict = report.verdict
    netns = report.namespace.name
    netns_inode = report.namespace.id?.rawValue
    iana_range = IANARange(of: report.port).name
    services = report.services.map { Dictionary(uniqueKeysWithValues: $0.map { ($0.name, $1.name) }) }
    kernel = report.handout.rawValue
    range = report.settings.map { SnapshotDocument.Range(first: $0.range.first, last: $0.range.last) }
    named_ranges = report.ranges.isEmpty ? nil : report.ranges.map(\.name)
    sockets = report.sockets.map(Socket.init)
    translated = report.translated.count > 0 ? report.translated.connections.map(Translated.init) : nil
    other_namespaces = report.elsewhere.map {
      Namespace(netns: $0.namespace.name, listeners: $0.listeners, others: $0.others, process: $0.process.map(Process.init))
    }
    advice = report.advice
    notes = report.notes
  }
}

extension ExplainDocument.Translated {
  init(_ connection: TrackedConnection) {
    let (original, reply) = (connection.original, connection.reply)
    `protocol` = connection.transport.name
    client = ExplainDocument.Peer(address: original.source.description, port: original.sourcePort)
    destination = ExplainDocument.Peer(address: reply.source.description, port: reply.sourcePort)
    translated = ExplainDocument.Peer(address: reply.destination.description, port: reply.destinationPort)
  }
}

extension ExplainDocument.Socket {
  init(_ socket: HeldSocket) {
    let record = socket.record
    `protocol` = record.transport.name
    state = record.state.name(record.transport)
    direction = socket.direction.name
    local = socket.isLocal
    address = record.local.description
    peer = socket.isConnection ? ExplainDocument.Peer(address: record.remote.description, port: record.remotePort) : nil
    time_wait_remaining_ms = record.state == .timeWait ? record.timeWaitRemaining : nil
    port_chosen_by_program = socket.isChosenByProgram
    uid = record.inode == 0 ? nil : record.uid
    inode = record.inode
    processes = socket.owner.processes.map(ExplainDocument.Process.init)
    if case .nobody(let gap) = socket.owner {
      no_owner = ExplainDocument.Gap(reason: gap.rawValue, explanation: gap.sentence)
    } else {
      no_owner = nil
    }
    peer_processes = socket.peers.map(ExplainDocument.Process.init)
  }
}

extension ExplainDocument.Process {
  init(_ process: ProcessDescription) {
    pid = process.pid
    command = process.command
    arguments = process.arguments
    uid = process.uid
    user = process.user
    unit = process.owner?.unit
    container = process.owner?.container
    runtime = process.owner?.runtime
    pod = process.owner?.pod
  }
}
