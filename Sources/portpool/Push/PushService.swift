internal import Dispatch
internal import Push
internal import ServiceLifecycle
internal import Synchronization

/// Pushes as a service, on a thread of its own, until the program is asked to end.
struct PushService: Service {
  /// How the last push ended.
  final class Result: Sendable {
    private let last = Mutex<PushError?>(nil)

    var failure: PushError? {
      get { last.withLock { $0 } }
      set { last.withLock { $0 = newValue } }
    }
  }

  let loop: PushLoop
  let result = Result()

  func run() async throws {
    await withGracefulShutdownHandler {
      let queue = DispatchQueue(label: "portpool.push")
      await withCheckedContinuation { continuation in
        queue.async {
          result.failure = loop.run()
          continuation.resume()
        }
      }
    } onGracefulShutdown: {
      loop.stop()
    }
  }
}
