/// The greatest of the values noted in the last two minutes. Reading changes nothing: everyone who asks gets the same answer.
///
/// There is one slot for each second, so that its size is fixed. A value counts for the whole window, and for less than a second longer.
struct SlidingMaximum: Sendable, Hashable {
  /// The window.
  static let seconds = 120

  private struct Slot: Sendable, Hashable {
    let second: Int
    var maximum: Int
  }

  private var slots = [Slot?](repeating: nil, count: SlidingMaximum.seconds + 1)

  /// - Parameter second: whole seconds of a clock that never goes back, from 0.
  mutating func note(_ value: Int, at second: Int) {
    let index = second % slots.count
    if let slot = slots[index], slot.second == second {
      slots[index]?.maximum = max(slot.maximum, value)
    } else {
      slots[index] = Slot(second: second, maximum: value)
    }
  }

  /// `nil` if nothing was noted in the window that ends at `second`.
  func value(at second: Int) -> Int? {
    slots.lazy.compactMap { $0 }.filter { second - $0.second <= SlidingMaximum.seconds }.map(\.maximum).max()
  }
}
