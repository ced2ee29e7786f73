import Foundation
import Glibc

/// Waiting in tests.
enum Until {
  struct TooLong: Error {}

  /// Waits until `condition` holds; throws after `seconds`.
  static func holds(seconds: Double = 20, _ condition: () throws -> Bool) throws {
    let deadline = Date.now + seconds
    while try !condition() {
      if Date.now > deadline { throw TooLong() }
      usleep(10_000)
    }
  }
}
