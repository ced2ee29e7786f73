internal import Glibc
internal import NIOCore
internal import Synchronization

/// The open connections of all listeners: counts them, wakes listeners that wait for one to end, and can close all.
///
/// At the limit, a connection whose turn it is to say or read something makes room for a new one. The address with the most connections
/// gives up the one that has kept the server waiting longest, so a flood from one address closes the flood's own connections first.
final class OpenConnections: Sendable {
  private struct Connection {
    let channel: any Channel
    /// The client, as ``PeerAddress`` tells clients apart.
    let address: String
    /// Since when it has been the client's turn; `nil` while a request is being answered.
    var waitingSince: NIODeadline?
    /// It was told to close and will be gone in a moment.
    var isEvicted = false
  }

  private struct State {
    var connections: [ObjectIdentifier: Connection] = [:]
    var evicted = 0
    var waiting: [@Sendable () -> Void] = []

    mutating func takeWaiting() -> [@Sendable () -> Void] {
      defer { waiting = [] }
      return waiting
    }

    /// The connection to close if there are more than `limit`: never `new`, which has just been accepted. O(n).
    mutating func evict(above limit: Int, sparing new: ObjectIdentifier? = nil) -> (any Channel)? {
      guard connections.count - evicted > limit else { return nil }
      var counts: [String: Int] = [:]
      for connection in connections.values where !connection.isEvicted { counts[connection.address, default: 0] += 1 }
      var victim: (identity: ObjectIdentifier, count: Int, since: NIODeadline)?
      for (identity, connection) in connections where identity != new && !connection.isEvicted {
        guard let since = connection.waitingSince, let count = counts[connection.address] else { continue }
        if let current = victim, (current.count, since) > (count, current.since) || (current.count == count && current.since <= since) {
          continue
        }
        victim = (identity, count, since)
      }
      guard let victim else { return nil }
      connections[victim.identity]?.isEvicted = true
      evicted += 1
      return connections[victim.identity]?.channel
    }

    mutating func remove(_ identity: ObjectIdentifier) {
      if connections.removeValue(forKey: identity)?.isEvicted == true { evicted -= 1 }
    }
  }

  private let limit: Int
  private let state = Mutex(State())

  /// Room for that many connections.
  init(limit: Int) {
    self.limit = limit
  }

  /// How many connections are open now.
  var count: Int { state.withLock { $0.connections.count } }

  /// Whether one more may be accepted: there is room, or at the limit a connection that can make room. If not, `wake` is called once, when
  /// that changes. A connection that gets its request in the meantime makes no room: then there is one above the limit, and never a second.
  func mayAccept(orWake wake: @escaping @Sendable () -> Void) -> Bool {
    state.withLock { state in
      let count = state.connections.count
      if count < limit || (count == limit && state.connections.values.contains { $0.waitingSince != nil }) { return true }
      state.waiting.append(wake)
      return false
    }
  }

  /// Notes whether it is the client's turn.
  func note(_ channel: any Channel, isWaiting: Bool) {
    let (evicted, waiting) = state.withLock { state -> ((any Channel)?, [@Sendable () -> Void]) in
      let identity = ObjectIdentifier(channel)
      // One phase of waiting after the other is one wait, and a new connection, counted as waiting, is not closed for its own arrival.
      if isWaiting, state.connections[identity]?.waitingSince != nil { return (nil, []) }
      state.connections[identity]?.waitingSince = isWaiting ? .now() : nil
      return isWaiting ? (state.evict(above: limit), state.takeWaiting()) : (nil, [])
    }
    evicted?.close(promise: nil)
    for wake in waiting { wake() }
  }

  /// Counts an accepted connection until it is closed, and makes room for it.
  func add(_ channel: any Channel) {
    let identity = ObjectIdentifier(channel)
    let address = PeerAddress.key(channel.remoteAddress)
    let evicted = state.withLock { state in
      state.connections[identity] = Connection(channel: channel, address: address, waitingSince: .now())
      return state.evict(above: limit, sparing: identity)
    }
    evicted?.close(promise: nil)
    channel.closeFuture.whenComplete { _ in
      let waiting = self.state.withLock { state in
        state.remove(identity)
        return state.takeWaiting()
      }
      for wake in waiting { wake() }
    }
  }

  /// Closes every connection, whatever it is doing.
  func closeAll() {
    let channels = state.withLock { $0.connections.values.map(\.channel) }
    for channel in channels { channel.close(promise: nil) }
  }
}

/// The address of a client as a key for fairness: an IPv4 address, the first half of an IPv6 address, or one key for all of a unix socket.
enum PeerAddress {
  /// `10.0.0.7`, also for `::ffff:10.0.0.7`; `2001:db8:0:1::/64`.
  static func key(_ address: SocketAddress?) -> String {
    guard let text = address?.ipAddress else { return "unix" }
    var bytes = [UInt8](repeating: 0, count: 16)
    guard unsafe inet_pton(AF_INET6, text, &bytes) == 1 else { return text }
    if bytes[..<10].allSatisfy({ $0 == 0 }), bytes[10] == 0xff, bytes[11] == 0xff {
      return bytes[12...].map(String.init).joined(separator: ".")
    }
    let groups = stride(from: 0, to: 8, by: 2).map { String(UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]), radix: 16) }
    return groups.joined(separator: ":") + "::/64"
  }
}
