internal import NIOCore
internal import Synchronization

/// The open connections of all listeners: counts them, wakes listeners that wait for one to end, and can close all.
final class OpenConnections: Sendable {
  private struct State {
    var channels: [ObjectIdentifier: any Channel] = [:]
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

  /// Whether one more may be accepted. When not, `wake` is called once, after a connection has ended.
  func mayAccept(orWake wake: @escaping @Sendable () -> Void) -> Bool {
    state.withLock { state in
      if state.channels.count < limit { return true }
      state.waiting.append(wake)
      return false
    }
  }

  /// Counts an accepted connection until it is closed.
  func add(_ channel: any Channel) {
    let identity = ObjectIdentifier(channel)
    state.withLock { $0.channels[identity] = channel }
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
    let channels = state.withLock { Array($0.channels.values) }
    for channel in channels { channel.close(promise: nil) }
  }
}
