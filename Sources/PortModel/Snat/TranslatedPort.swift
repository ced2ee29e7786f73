/// The connections that are translated to one port: who has it on a gateway, where no socket does.
package struct TranslatedPort: Sendable, Hashable {
  /// The first of them, in the order of the table.
  package let connections: [TrackedConnection]
  /// How many there are.
  package let count: Int

  package init(connections: [TrackedConnection] = [], count: Int = 0) {
    self.connections = connections
    self.count = count
  }
}
