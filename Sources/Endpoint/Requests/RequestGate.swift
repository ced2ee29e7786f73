internal import Synchronization

/// Counts the requests that are being answered: `--web.max-requests`.
final class RequestGate: Sendable {
  private let limit: Int
  private let inside = Mutex(0)

  /// A gate for that many; 0 lets everyone in.
  init(limit: Int) {
    self.limit = limit
  }

  /// Takes a place; `false` when none is free. Every place taken is given back with ``leave()``.
  func enter() -> Bool {
    inside.withLock { count in
      guard limit <= 0 || count < limit else { return false }
      count += 1
      return true
    }
  }

  /// Gives a place back.
  func leave() {
    inside.withLock { $0 -= 1 }
  }
}
