internal import Kernel
internal import PortModel

/// A namespace, its owner, and the way to its settings.
struct KnownNamespace: Sendable {
  /// As it was found this time.
  var found: FoundNamespace
  let identity: NamespaceIdentity
  /// Its settings; `nil` if they may not be read, or not be kept open.
  var sysctls: SysctlFiles?
}

/// What is kept of other namespaces between snapshots, for as long as they are found.
struct NamespaceMemory: Sendable {
  private var known: [NetworkNamespaceID: KnownNamespace] = [:]
  /// Namespaces whose settings may be kept open: half of the descriptors that this process may have.
  private let openLimit = Int(clamping: ProcessLimits.descriptors) / 2 / PoolSettings.sysctls.count

  /// What is known of `namespace`; nothing if its number was given to a new namespace, or its first process is another one.
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
