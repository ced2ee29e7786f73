import LiveView
import Terminal

extension LiveState {
  /// A view that has looked `steps` times at a busy host, every two seconds.
  static func busy(steps: Int = 12) -> LiveState {
    var state = LiveState(subject: "web-17", interval: 2)
    for step in 0..<steps { state.receive(Sample(.success(.busy(step: step)), at: Double(2 * step))) }
    return state
  }

  /// A view of ``PoolSnapshot/fleet``.
  static var fleet: LiveState {
    var state = LiveState(subject: "https://node-4:10097", interval: 5)
    state.receive(Sample(.success(.fleet), at: 0))
    return state
  }

  /// This state after keys were pressed.
  func pressing(_ keys: Key...) -> LiveState {
    var state = self
    for key in keys { _ = state.press(key) }
    return state
  }

  /// This state after a text was typed.
  func typing(_ text: String) -> LiveState {
    var state = self
    for character in text { _ = state.press(.character(character)) }
    return state
  }
}
