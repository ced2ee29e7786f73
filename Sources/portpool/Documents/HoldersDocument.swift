internal import Inspector
internal import PortModel

/// The JSON of `portpool explain 10.0.0.9:5432 --format json`, and of a range. Its field names are a promise.
struct HoldersDocument: JSONDocument {
  /// Missing for a range.
  let destination: ExplainDocument.Peer?
  /// Missing for a destination.
  let range: NamedRange?
  let verdict: String
  let netns: String
  /// The namespace's inode number; missing where it may not be read.
  let netns_inode: UInt64?
  /// Distinct local ports, a port of TCP and the same of UDP counted separately.
  let ports: Int
  let sockets: Int
  /// The most sockets first.
  let holders: [Holder]
  /// What is left for the destination, by source address; empty for a range.
  let tuples: [SnapshotDocument.Tuple]
  let advice: [String]
  /// What could not be looked at, a sentence each.
  let notes: [String]

  struct NamedRange: Codable, Sendable {
    let name: String
    let first: Port
    let last: Port
  }

  struct Holder: Codable, Sendable {
    /// Missing where no process is known.
    let process: ExplainDocument.Process?
    /// Why there is no process, as a word and as a sentence.
    let no_owner: ExplainDocument.Gap?
    /// Missing where a process is known, and for sockets without an owner.
    let uid: UInt32?
    let sockets: Int
    let ports: Int
    let states: [State]
  }

  struct State: Codable, Sendable {
    let `protocol`: String
    let state: String
    let count: Int
  }
}

extension HoldersDocument {
  init(_ report: HolderReport) {
    switch report.subject {
    case .destination(let address, let port):
      destination = ExplainDocument.Peer(address: address.description, port: port)
      range = nil
    case .range(let named):
      destination = nil
      range = NamedRange(name: named.name, first: named.ports.first, last: named.ports.last)
    }
    verdict = report.verdict
    netns = report.namespace.name
    netns_inode = report.namespace.id?.rawValue
    ports = report.ports
    sockets = report.sockets
    holders = report.holders.map(Holder.init)
    tuples = report.tuples.map(SnapshotDocument.Tuple.init)
    advice = report.advice
    notes = report.notes
  }
}

extension HoldersDocument.Holder {
  init(_ holder: HolderReport.Holder) {
    process = holder.owner.processes.first.map(ExplainDocument.Process.init)
    if case .nobody(let gap) = holder.owner {
      no_owner = ExplainDocument.Gap(reason: gap.rawValue, explanation: gap.sentence)
    } else {
      no_owner = nil
    }
    uid = holder.uid
    sockets = holder.sockets
    ports = holder.ports
    states = holder.states.map { HoldersDocument.State(protocol: $0.transport.name, state: $0.state, count: $0.count) }
  }
}
