package import PortModel

/// One tuple and what is left for it.
package struct LiveTuple: Sendable, Hashable {
  package let id: ID
  package let family: AddressFamily
  /// Ports with a socket of the tuple, reusable TIME_WAIT included.
  package let used: Int
  /// Of ``used``: TIME_WAIT ports that connect() may take over.
  package let reusable: Int
  /// Connects left before EADDRNOTAVAIL.
  package let headroom: Int
  /// TIME_WAIT ports that come back within 5, 15, 30 and 60 seconds, cumulative.
  package let returning: [Int]

  /// What a tuple is: a source address, and a destination with its port.
  package struct ID: Sendable, Hashable {
    package let source: String
    /// `10.0.0.9:5432` or `[2001:db8::9]:5432`.
    package let destination: String

    package init(source: String, destination: String) {
      self.source = source
      self.destination = destination
    }
  }

  package init(
    source: String, destination: String, family: AddressFamily, used: Int, reusable: Int, headroom: Int, returning: [Int]
  ) {
    id = ID(source: source, destination: destination)
    self.family = family
    self.used = used
    self.reusable = reusable
    self.headroom = headroom
    self.returning = returning
  }

  /// Ports that are in the way of the next connect().
  var held: Int { used - reusable }

  /// TIME_WAIT ports that come back within `seconds`, one of 5, 15, 30 and 60.
  func returning(within seconds: Int) -> Int {
    guard let index = Self.returnTimes.firstIndex(of: seconds), returning.indices.contains(index) else { return 0 }
    return returning[index]
  }

  private static let returnTimes = [5, 15, 30, 60]
}
