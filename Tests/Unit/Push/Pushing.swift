import Exposition
import Foundation
import Push
import Synchronization

/// Pushes as the program does it.
enum Pushing {
  static let capacity = MetricDescriptor("portpool_capacity_ports", labels: ["netns", "protocol"], help: "Ports of the \"pool\".")
  static let cpu = MetricDescriptor("process_cpu_seconds_total", .counter, help: "CPU.")
  static let pushes = MetricDescriptor("portpool_push_total", .counter, help: "Pushes.")

  static var metrics: MetricSet {
    var metrics = MetricSet()
    metrics.add(capacity, "host", "tcp", value: 28_232)
    metrics.add(capacity, "host", "udp", value: 0.5)
    metrics.add(pushes, value: 3)
    metrics.add(cpu, value: 1.5)
    return metrics
  }

  /// Attempts in quick succession.
  static let quick = RetryPolicy(attempts: 4, base: .milliseconds(20), limit: .seconds(2))
  static let single = RetryPolicy(attempts: 1, base: .zero, limit: .zero)

  /// Pushes once and returns what went wrong.
  static func once(
    _ configuration: PushConfiguration, _ metrics: MetricSet = metrics, retries: RetryPolicy = single
  ) throws(PushError) -> PushError? {
    try loop(configuration, metrics, retries: retries).run()
  }

  static func loop(
    _ configuration: PushConfiguration, _ metrics: MetricSet = metrics, retries: RetryPolicy = single,
    report: @escaping @Sendable (PushEvent) -> Void = { _ in }
  ) throws(PushError) -> PushLoop {
    try PushLoop(configuration, retries: retries, readFile: read, collect: { metrics }, report: report)
  }

  static let read: @Sendable (String) throws -> [UInt8] = { [UInt8](try Data(contentsOf: URL(filePath: $0))) }
}

/// A loop on a thread of its own.
final class RunningLoop: Sendable {
  let loop: PushLoop
  private let done = DispatchSemaphore(value: 0)
  private let failure = Mutex<PushError?>(nil)

  init(_ loop: PushLoop) {
    self.loop = loop
    let thread = Thread { [self] in
      let result = loop.run()
      failure.withLock { $0 = result }
      done.signal()
    }
    thread.start()
  }

  /// Stops it and waits for its end.
  func stop() -> PushError? {
    loop.stop()
    done.wait()
    return failure.withLock { $0 }
  }
}
