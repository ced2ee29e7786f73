internal import ArgumentParser
internal import Kernel
internal import LiveView
internal import PortModel
internal import Terminal

/// `portpool top` where nobody presses keys: plain lines, one snapshot after another.
struct TopBatch {
  let state: LiveState
  /// How many looks; `nil` for no end.
  let count: Int?
  let interval: Duration

  /// - Throws: `ExitCode(1)` after a limited number of looks of which one failed; each failure is on standard error too.
  func run(_ source: TopSource) throws {
    var state = state
    var hasFailed = false
    let start = ContinuousClock.now
    try StandardOutput.write(Array((BatchLines.header + "\n").utf8))
    var number = 0
    while true {
      number += 1
      let result = source()
      state.receive(Sample(result, at: (ContinuousClock.now - start) / .seconds(1)))
      switch result {
      case .success(let snapshot):
        try StandardOutput.write(Array(BatchLines.lines(state).map { $0 + "\n" }.joined().utf8))
        for problem in snapshot.problems { report(problem) }
        hasFailed = hasFailed || !snapshot.problems.isEmpty
      case .failure(let failure):
        report(failure.description)
        hasFailed = true
      }
      if number == count { break }
      let left = start + interval * number - .now
      if left > .zero { _ = Readiness.wait(reading: [], timeout: left) }
    }
    if hasFailed { throw ExitCode(1) }
  }

  private func report(_ problem: String) {
    Message.write(problem)
  }
}
