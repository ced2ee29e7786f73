internal import NIOCore
internal import Synchronization

/// The open connections of all listeners: counts them, wakes listeners that wait for one to end, and can close all.
final class OpenConnections: Sendable {
  private struct Connection {
    let channel: any Channel
    /// Since when it waits for a request of its client; `nil` while it has one.
    var waitingSince: NIODeadline?
  }

  private struct State {
    var channels: [ObjectIdentifier: Connection] = [:]
    var waiting: [@Sendable () -> Void] = []
  }

  private let limit: Int
  private let state = Mutex(State())

  /// Room for that many connections.
  init(limit: Int) {
    self.limit = limit
  }

  /// How many connections are open now.
  var count: Int { state.withLock { $0.channels.count } }

  /// Whether one more may be accepted. When not, the connection that has waited longest for a request is closed to make room, and `wake`
  /// is called once, after a connection has ended.
  func mayAccept(orWake wake: @escaping @Sendable () -> Void) -> Bool {
    let (mayAccept, longest) = state.withLock { state -> (Bool, (any Channel)?) in
      if state.channels.count < limit { return (true, nil) }
      state.waiting.append(wake)
      let waiting = state.channels.values.filter { $0.waitingSince != nil }
      return (false, waiting.min { ($0.waitingSince ?? .distantFuture) < ($1.waitingSince ?? .distantFuture) }?.channel)
    }
    longest?.close(promise: nil)
    return mayAccept
  }

  /// Notes whether a connection waits for its client's next request.
  func note(_ channel: any Channel, isWaiting: Bool) {
    state.withLock { $0.channels[ObjectIdentifier(channel)]?.waitingSince = isWaiting ? .now() : nil }
  }

  /// Counts an accepted connection until it is closed.
  func add(_ channel: any Channel) {
    let identity = ObjectIdentifier(channel)
    state.withLock { $0.channels[identity] = Connection(channel: channel, waitingSince: .now()) }
    channel.closeFuture.whenComplete { _ in
      let waiting = self.state.withLock { state in
        state.channels[identity] = nil
        defer { state.waiting = [] }
        return state.waiting
      }
      for wake in waiting { wake() }
    }
  }

  /// Closes every connection, whatever it is doing.
  func closeAll() {
    let channels = state.withLock { $0.channels.values.map(\.channel) }
    for channel in channels { channel.close(promise: nil) }
  }
}
