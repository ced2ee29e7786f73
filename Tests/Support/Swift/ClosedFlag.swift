internal import Synchronization

/// Tells the first call from all later ones.
final class ClosedFlag: Sendable {
  private let raised = Atomic<Bool>(false)

  /// `true` once.
  func raise() -> Bool { !raised.exchange(true, ordering: .acquiringAndReleasing) }
}
