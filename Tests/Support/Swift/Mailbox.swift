internal import Foundation
internal import Synchronization

/// One value, handed from a thread to the one that waits for it.
package final class Mailbox<Value: Sendable>: Sendable {
  private let value = Mutex<Value?>(nil)
  private let filled = DispatchSemaphore(value: 0)

  package init() {}

  package func put(_ newValue: Value) {
    value.withLock { $0 = newValue }
    filled.signal()
  }

  /// Waits until there is a value.
  package func take() -> Value {
    while true {
      filled.wait()
      if let taken = value.withLock({ $0 }) { return taken }
    }
  }
}
