internal import PortModel

/// Why there is no snapshot this time: one sentence with the place, what was found and, where there is one, the remedy.
package struct LiveFailure: Error, Sendable, Hashable, CustomStringConvertible {
  package let description: String

  package init(_ description: String) {
    self.description = description
  }
}
