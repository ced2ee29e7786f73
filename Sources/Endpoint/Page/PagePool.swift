/// One of the pools that can run out, as a bar on the page.
///
/// `connect() over IPv4`, 12,004 of 28,231 used, 16,227 left, `10.0.0.5 → 10.0.0.9:5432`
package struct PagePool: Sendable, Hashable {
  /// Which pool: `connect() over IPv4`.
  package let name: String
  /// Ports in use.
  package let used: Int
  /// Ports there are; `used` of them are in use.
  package let capacity: Int
  /// How many more can be had before the error.
  package let headroom: Int
  /// The error when it runs out: `EADDRNOTAVAIL`.
  package let error: String
  /// One line more, or empty: the tuple it is about.
  package let note: String

  /// A pool by its numbers.
  package init(name: String, used: Int, capacity: Int, headroom: Int, error: String, note: String = "") {
    self.name = name
    self.used = used
    self.capacity = capacity
    self.headroom = headroom
    self.error = error
    self.note = note
  }
}
