internal import FoundationEssentials
internal import PortModel

extension Refusals {
  /// The refusals on another host, as far as its exporter's document describes them. Texts and lists are cut; what cannot be read is left out.
  init(_ document: SnapshotDocument.Refusals) {
    let namespaces = document.namespaces.prefix(Self.documentLimit).map { namespace in
      Namespace(
        name: namespace.netns.bounded,
        counts: Counts(Dictionary(uniqueKeysWithValues: Kind.allCases.map { ($0, min(namespace.refused[$0.rawValue] ?? 0, .most)) })),
        last: namespace.last.flatMap(Self.seconds))
    }
    self.init(
      kinds: Kind.allCases.filter { document.kinds.contains($0.rawValue) }, namespaces: namespaces,
      cases: document.cases.prefix(Self.documentLimit).compactMap(Case.init), missed: document.missed.map { min($0, .most) })
  }

  /// The longest list that is taken from a document.
  private static let documentLimit = 1000

  fileprivate static func seconds(_ text: String) -> Int64? {
    (try? Date(text.bounded, strategy: .iso8601)).map { Int64(max(0, min($0.timeIntervalSince1970, 1e12))) }
  }
}

extension Refusals.Case {
  fileprivate init?(_ document: SnapshotDocument.RefusedCase) {
    let destination = document.destination.map { IPAddress($0.bounded) }
    guard let kind = Refusals.Kind(rawValue: document.kind), let source = IPAddress(document.source.bounded.prefix { $0 != "%" }),
      destination != .some(nil)
    else { return nil }
    self.init(
      namespace: document.netns.bounded, kind: kind,
      tuple: Tuple(source: source, destination: (destination ?? nil) ?? source.unspecified, destinationPort: document.port ?? 0),
      program: document.program.bounded, count: min(document.count, .most), last: Refusals.seconds(document.last) ?? 0)
  }
}

extension UInt64 {
  /// Sums of that many stay numbers.
  fileprivate static let most = UInt64(1) << 50
}
