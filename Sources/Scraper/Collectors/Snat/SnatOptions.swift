package import PortModel

/// What the command line decides about the collector `snat`.
package struct SnatOptions: Sendable, Hashable {
  /// Ports that the user says are handed out (`--snat-range`); for the addresses in them, rules do not count.
  package var ranges: [SnatPool]
  /// The table is read even if it has so few entries that no search for a port can fail: for one look rather than for every scrape.
  package var readsCalmTables: Bool

  package init(ranges: [SnatPool] = [], readsCalmTables: Bool = false) {
    self.ranges = ranges
    self.readsCalmTables = readsCalmTables
  }
}
