internal import PortModel

/// Everything a frame is made from: what was seen and what the user chose. Changes only through ``receive(_:)`` and ``press(_:)``.
package struct LiveState: Sendable, Hashable {
  /// Whose pools these are: a host's name, or the URL of an exporter.
  package let subject: String
  /// Seconds from one look to the next.
  package let interval: Double

  /// The last look that succeeded.
  package internal(set) var snapshot: LiveSnapshot?
  /// Why the last look failed; `nil` when it did not.
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

  /// Takes in what was seen. While paused, what is shown stays as it is.
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
  var namespace: LiveNamespace? {
    guard let namespaces = snapshot?.namespaces else { return nil }
    return namespaces.first { $0.name == namespaceName } ?? namespaces.first
  }

  /// The chosen pool; the first where that has gone.
  var pool: LivePool? {
    guard let pools = namespace?.pools else { return nil }
    return pools.first { $0.id == poolID } ?? pools.first
  }

  /// The tuples of the chosen namespace that the filter lets through, sorted.
  var tuples: [LiveTuple] {
    guard let namespace else { return [] }
    let matching = namespace.tuples.filter { matches("\($0.id.source) → \($0.id.destination)") }
    return order.sorted(matching) { history.rate(namespace.name, $0) }
  }

  /// The owners of the chosen namespace that the filter lets through.
  var owners: [LiveOwner] { namespace?.owners.filter { matches($0.name) } ?? [] }

  /// The namespaces that the filter lets through: the exporter's own first, then those that are the fullest, then those not looked into.
  var namespaces: [LiveNamespace] { orderedNamespaces.filter { matches("\($0.name) \($0.note)") } }

  var orderedNamespaces: [LiveNamespace] {
    guard let all = snapshot?.namespaces, let own = all.first else { return [] }
    let others = all.dropFirst().map { ($0, $0.fullest?.share ?? -1) }.sorted { ($1.1, $0.0.name) < ($0.1, $1.0.name) }
    return [own] + others.map(\.0)
  }

  /// Screens that have something to show.
  var screens: [Screen] {
    Screen.allCases.filter { screen in
      switch screen {
      case .overview, .tuples, .ports: true
      case .owners: snapshot?.namespaces.contains { !$0.owners.isEmpty } ?? false
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
