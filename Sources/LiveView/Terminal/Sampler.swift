internal import PortModel
internal import Synchronization
internal import Terminal

/// Takes snapshots on a thread of its own, one at a time, so that keys are answered meanwhile.
final class Sampler: Sendable {
  /// Blocks while it takes a snapshot.
  typealias Source = @Sendable () -> Result<PoolSnapshot, LiveFailure>

  private let requests: WakePipe
  /// Readable when a sample is there.
  let answers: WakePipe
  private let latest = Mutex<Sample?>(nil)
  private let isEnding = Atomic(false)

  /// Starts the thread.
  init(_ source: @escaping Source) throws(TerminalError) {
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

  /// Asks for a sample.
  func request() { requests.wake() }

  /// The sample that came since the last call.
  func take() -> Sample? {
    answers.drain()
    return latest.withLock { sample in
      defer { sample = nil }
      return sample
    }
  }

  /// Lets the thread end after its current snapshot. Nobody waits for it: it may be waiting for another host.
  func end() {
    isEnding.store(true, ordering: .releasing)
    requests.wake()
  }
}
