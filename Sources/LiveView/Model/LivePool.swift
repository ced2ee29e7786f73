package import PortModel

/// One of the pools that can run out.
package struct LivePool: Sendable, Hashable {
  package let id: Pool.ID
  package let used: Int
  package let capacity: Int
  /// How many more can be had.
  package let headroom: Int
  /// The tuple it is about: `10.0.0.5 → 10.0.0.9:5432`, or empty.
  package let subject: String

  package init(_ id: Pool.ID, used: Int, capacity: Int, headroom: Int, subject: String = "") {
    self.id = id
    self.used = used
    self.capacity = capacity
    self.headroom = headroom
    self.subject = subject
  }

  /// 0 to 1; a pool without any port is full.
  var share: Double { capacity > 0 ? min(1, max(0, Double(used) / Double(capacity))) : 1 }
}
