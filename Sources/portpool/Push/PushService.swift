internal import Dispatch
internal import Push
internal import ServiceLifecycle
internal import Synchronization

/// Pushes as a service, on a thread of its own, until the program is asked to stop.
struct PushService: Service {
  /// How the last push ended.
  final class Result: Sendable {
    private let last = Mutex<PushError?>(nil)

    var failure: PushError? {
      get { last.withLock { $0 } }
      set { last.withLock { $0 = newValue } }
    }
  }

  /// How long the loop may take to stop. If name resolution or a read from the kernel hangs for longer, its thread is left behind: the program
  /// ends anyway.
  private static let stopLimit = 7
  private static let abandoned = PushError(.stopped, "the push did not stop in time and was abandoned because the program is stopping")

  let loop: PushLoop
  let result = Result()

  func run() async throws {
    let (ends, ending) = AsyncStream.makeStream(of: PushError?.self)
    await withGracefulShutdownHandler {
      DispatchQueue(label: "portpool.push").async { [loop] in ending.yield(loop.run()) }
      var end = ends.makeAsyncIterator()
      result.failure = await end.next() ?? Self.abandoned
    } onGracefulShutdown: {
      loop.stop()
      DispatchQueue.global().asyncAfter(deadline: .now() + .seconds(Self.stopLimit)) { ending.yield(Self.abandoned) }
    }
  }
}
