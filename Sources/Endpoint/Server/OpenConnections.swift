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

    mutating func takeWaiting() -> [@Sendable () -> Void] {
      defer { waiting = [] }
      return waiting
    }
  }

  private let limit: Int
  private let state = Mutex(State())

  /// Room for that many connections.
  init(limit: Int) {
    self.limit = limit
  }

  /// How many connections are open now.
  var count: Int { state.withLock { $0.channels.count } }

  /// Whether one more may be accepted: there is room, or at the limit a connection that waits for a request and can make room. When not,
  /// `wake` is called once, when that changes. A connection that gets its request in the meantime makes no room: then there is one above the
  /// limit, and never a second.
  func mayAccept(orWake wake: @escaping @Sendable () -> Void) -> Bool {
    state.withLock { state in
      let count = state.channels.count
      if count < limit || (count == limit && state.channels.values.contains { $0.waitingSince != nil }) { return true }
      state.waiting.append(wake)
      return false
    }
  }

  /// Notes whether a connection waits for its client's next request.
  func note(_ channel: any Channel, isWaiting: Bool) {
    let (isAbove, waiting) = state.withLock { state in
      state.channels[ObjectIdentifier(channel)]?.waitingSince = isWaiting ? .now() : nil
      return (state.channels.count > limit, isWaiting ? state.takeWaiting() : [])
    }
    if isAbove, isWaiting { channel.close(promise: nil) }
    for wake in waiting { wake() }
  }

  /// Counts an accepted connection until it is closed. Above the limit the one that has waited longest for a request is closed.
  func add(_ channel: any Channel) {
    let identity = ObjectIdentifier(channel)
    let longest = state.withLock { state -> (any Channel)? in
      let waiting = state.channels.values.filter { $0.waitingSince != nil }
      state.channels[identity] = Connection(channel: channel, waitingSince: .now())
      guard state.channels.count > limit else { return nil }
      return waiting.min { ($0.waitingSince ?? .distantFuture) < ($1.waitingSince ?? .distantFuture) }?.channel
    }
    longest?.close(promise: nil)
    channel.closeFuture.whenComplete { _ in
      let waiting = self.state.withLock { state in
        state.channels[identity] = nil
        return state.takeWaiting()
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
