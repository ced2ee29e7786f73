internal import Kernel
internal import Synchronization
internal import Terminal

/// Looks at the host on a thread of its own, one look at a time, so that keys are answered while a look takes its time.
final class Sampler: Sendable {
  /// Blocks, for as long as a look takes.
  typealias Source = @Sendable () -> Result<LiveSnapshot, LiveFailure>

  private let requests: WakePipe
  /// Readable when a look has ended.
  let answers: WakePipe
  private let latest = Mutex<Sample?>(nil)
  private let isEnding = Atomic(false)

  /// Starts the thread.
  init(_ source: @escaping Source) throws(SystemCallError) {
    requests = try WakePipe()
    answers = try WakePipe()
    let start = ContinuousClock.now
    try DetachedThread.start { [self] in
      while true {
        _ = Readiness.wait(reading: [requests.reading], timeout: nil)
        if isEnding.load(ordering: .acquiring) { return }
        guard !requests.drain().isEmpty else { continue }
        let result = source()
        let sample = Sample(result, at: (ContinuousClock.now - start) / .seconds(1))
        latest.withLock { $0 = sample }
        answers.wake()
      }
    }
  }

  /// Asks for a look.
  func request() { requests.wake() }

  /// The look that ended since the last call.
  func take() -> Sample? {
    answers.drain()
    return latest.withLock { sample in
      defer { sample = nil }
      return sample
    }
  }

  /// Lets the thread end after the look it is at. Nobody waits for it: it may be waiting for another host.
  func end() {
    isEnding.store(true, ordering: .releasing)
    requests.wake()
  }
}
