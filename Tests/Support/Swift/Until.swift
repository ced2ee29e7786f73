internal import Foundation

/// Waiting in tests.
package enum Until {
  package struct TooLong: Error {}

  /// Waits until `condition` holds; throws after `seconds`.
  package static func holds(seconds: Double = 20, _ condition: () throws -> Bool) throws {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while try !condition() {
      if ContinuousClock.now > deadline { throw TooLong() }
      usleep(10_000)
    }
  }
}
