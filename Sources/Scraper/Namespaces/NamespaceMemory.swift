internal import Kernel
internal import PortModel

/// What is kept of other namespaces between snapshots, as long as they are found: who they are, and their settings, opened.
struct NamespaceMemory: Sendable {
  private var known: [NetworkNamespaceID: KnownNamespace] = [:]
  /// Namespaces whose settings may be kept open: half of the descriptors that this process may have.
  private let openLimit = Int(clamping: ProcessLimits.descriptors) / 2 / PoolSettings.sysctls.count

  /// What is known of `namespace`; a number that a new namespace was given, or another process, is nothing known.
  subscript(_ namespace: FoundNamespace) -> KnownNamespace? {
    known[namespace.id].flatMap { $0.found == namespace ? $0 : nil }
  }

  mutating func keep(_ namespace: KnownNamespace) { known[namespace.found.id] = namespace }

  /// Forgets, and closes, what is not among `found`.
  mutating func retain(_ found: [FoundNamespace]) {
    let ids = Set(found.map(\.id))
    known = known.filter { ids.contains($0.key) }
  }

  var mayOpenMore: Bool { known.values.count { $0.sysctls != nil } < openLimit }
}

/// A namespace that was looked at before.
struct KnownNamespace: Sendable {
  let found: FoundNamespace
  let identity: NamespaceIdentity
  /// Its settings; `nil` when they may not be read, or not be kept.
  var sysctls: SysctlFiles?
  /// Where its sockets are read from inside, with what that source remembers.
  var source: (any SocketSource)?
}
