import LiveView
import PortModel
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

  /// A view of a busy host that translates connections of others, and has no port left for one destination.
  static var gateway: LiveState {
    let snapshot = PoolSnapshot.busy()
    let peers: [(UInt32, Int, Double)] = [(0xC633_6409, 100, 1), (0xC633_640A, 40, 0)]
    let uses = peers.map { peer, used, failure in
      SnatUse(
        tuple: SnatTuple(
          transport: .tcp, source: IPAddress(ipv4: 0xC000_0207), destination: IPAddress(ipv4: peer), destinationPort: 443),
        range: PortRange(first: 40000, last: 40099), used: used, closing: 0, failure: failure)
    }
    let snat = Snat(pools: [SnatPool(origin: .rules)], table: Snat.Table(tuples: uses))
    var state = LiveState(subject: "gw-1", interval: 2)
    let namespaces = snapshot.namespaces.map { $0.adding(snat) }
    state.receive(Sample(.success(PoolSnapshot(time: snapshot.time, namespaces: namespaces)), at: 0))
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
