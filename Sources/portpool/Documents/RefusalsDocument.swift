internal import PortModel
internal import Terminal

extension SnapshotDocument {
  /// What was refused for want of a port on the whole host, since the process that says so counts it.
  struct Refusals: Codable, Sendable {
    /// What is counted: `connect`, `connect_bound`, `bind`, `udp`. Where the kernel lets no program follow its functions it is `connect` alone.
    let kinds: [String]
    /// The exporter's own namespace first, and others in which something was refused.
    let namespaces: [RefusalsInNamespace]
    /// Who was refused what, the most first.
    let cases: [RefusedCase]
    /// Calls that went unseen, successful or not: the most that can be missing here. Missing if the kernel does not say it.
    let missed: UInt64?
  }

  struct RefusalsInNamespace: Codable, Sendable {
    let netns: String
    /// How many, by kind.
    let refused: [String: UInt64]
    /// When the last one was (RFC 3339, UTC); missing if never, or not known.
    let last: String?
  }

  struct RefusedCase: Codable, Sendable {
    let netns: String
    let kind: String
    let source: String
    /// These two are missing for a kind without a destination, and where the server does not show peers (`--no-web.peers`).
    let destination: String?
    let port: Port?
    /// The name of the thread.
    let program: String
    let count: UInt64
    let last: String
  }
}

extension SnapshotDocument.Refusals {
  init(_ refusals: Refusals) {
    kinds = refusals.kinds.map(\.rawValue)
    namespaces = refusals.namespaces.map { namespace in
      SnapshotDocument.RefusalsInNamespace(
        netns: namespace.name,
        refused: Dictionary(uniqueKeysWithValues: refusals.kinds.map { ($0.rawValue, namespace.counts[$0]) }),
        last: namespace.last.map(NumberText.timestamp))
    }
    cases = refusals.cases.map(SnapshotDocument.RefusedCase.init)
    missed = refusals.missed
  }
}

extension SnapshotDocument.RefusedCase {
  fileprivate init(_ each: Refusals.Case) {
    let hasDestination = each.kind.hasDestination && !each.tuple.isPeerHidden
    netns = each.namespace
    kind = each.kind.rawValue
    source = each.tuple.sourceText
    destination = hasDestination ? each.tuple.destination.description : nil
    port = hasDestination ? each.tuple.destinationPort : nil
    program = each.program
    count = each.count
    last = NumberText.timestamp(each.last)
  }
}
