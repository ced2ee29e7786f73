package import PortModel

/// Everything a frame is made from: the latest snapshot and what the user chose. Changes only through ``receive(_:)`` and ``press(_:)``.
package struct LiveState: Sendable, Hashable {
  /// The host's name, or the URL of an exporter.
  package let subject: String
  /// Seconds from one snapshot to the next.
  package let interval: Double

  /// The latest snapshot; `nil` until the first has been taken.
  package internal(set) var snapshot: PoolSnapshot?
  /// Why the last attempt failed; `nil` if it succeeded.
  package internal(set) var failure: LiveFailure?
  var history = History()

  package internal(set) var isPaused = false
  package internal(set) var showsHelp = false
  package internal(set) var screen = Screen.overview
  package internal(set) var order = TupleOrder()
  package internal(set) var filter = ""
  package internal(set) var isEditingFilter = false
  /// The first row that a list shows.
  package internal(set) var offset = 0
  /// The chosen namespace and pool, by name: both can vanish and come back.
  var namespaceName: String?
  var poolID = Pool.ID.connectIPv4

  package init(subject: String, interval: Double) {
    self.subject = subject
    self.interval = interval
  }

  /// Takes in a sample. While paused, what is shown stays as it is.
  package mutating func receive(_ sample: Sample) {
    guard !isPaused else { return }
    switch sample.result {
    case .success(let snapshot):
      failure = nil
      history.record(snapshot, at: sample.instant)
      self.snapshot = snapshot
    case .failure(let failure):
      self.failure = failure
    }
  }

  /// The chosen namespace; the first where that has gone.
  var namespace: NamespaceSnapshot? {
    guard let namespaces = snapshot?.namespaces else { return nil }
    return namespaces.first { $0.name == namespaceName } ?? namespaces.first
  }

  /// The chosen pool; the first where that has gone.
  var pool: Pool? {
    guard let pools = namespace?.pools else { return nil }
    return pools.first { $0.id == poolID } ?? pools.first
  }

  /// The tuples of the chosen namespace that the filter lets through, sorted.
  var tuples: [TupleHeadroom] {
    guard let namespace else { return [] }
    let matching = filter.isEmpty ? namespace.tuples : namespace.tuples.filter { matches($0.tuple.arrow) }
    return order.sorted(matching) { history.rate(namespace.name, $0) }
  }

  /// The owners of the chosen namespace that the filter lets through.
  var owners: [OwnerUsage] { namespace?.owners?.filter { matches($0.owner) } ?? [] }

  /// The namespaces that the filter lets through: the exporter's own first, then the others, closest to exhaustion first, those not walked last.
  var namespaces: [NamespaceSnapshot] { orderedNamespaces.filter { matches("\($0.name) \($0.note)") } }

  var orderedNamespaces: [NamespaceSnapshot] {
    guard let all = snapshot?.namespaces, let own = all.first else { return [] }
    let others = all.dropFirst().map { ($0, $0.worstPool?.share ?? -1) }.sorted { ($1.1, $0.0.name) < ($0.1, $1.0.name) }
    return [own] + others.map(\.0)
  }

  /// Screens that have something to show.
  var screens: [Screen] {
    Screen.allCases.filter { screen in
      switch screen {
      case .overview, .tuples, .ports: true
      case .owners: snapshot?.namespaces.contains { !($0.owners ?? []).isEmpty } ?? false
      case .namespaces: (snapshot?.namespaces.count ?? 0) > 1
      }
    }
  }

  /// Every word of the filter is somewhere in `text`, in any case.
  private func matches(_ text: String) -> Bool {
    let text = text.lowercased()
    return filter.lowercased().split(separator: " ").allSatisfy { text.contains($0) }
  }
}

/// What the body shows. The raw value is the key that chooses it.
package enum Screen: Int, Sendable, Hashable, CaseIterable {
  case overview = 1
  case tuples
  case ports
  case owners
  case namespaces

  var title: String {
    switch self {
    case .overview: "overview"
    case .tuples: "tuples"
    case .ports: "ports"
    case .owners: "owners"
    case .namespaces: "namespaces"
    }
  }
}

/// One attempt to take a snapshot: the snapshot, or why there is none.
package struct Sample: Sendable, Hashable {
  package let result: Result<PoolSnapshot, LiveFailure>
  /// When it ended, in seconds of a monotonic clock; rates are measured with it.
  package let instant: Double

  package init(_ result: Result<PoolSnapshot, LiveFailure>, at instant: Double) {
    self.result = result
    self.instant = instant
  }
}

/// Why there is no snapshot this time: one sentence with the place, what was found and the remedy, where one is known.
package struct LiveFailure: Error, Sendable, Hashable, CustomStringConvertible {
  package let description: String

  package init(_ description: String) {
    self.description = description
  }
}
