import Endpoint
import Exposition
import Synchronization

/// Counts calls and remembers the requests.
final class CallCounter: Sendable {
  private let requests = Mutex<[CollectionRequest]>([])
  private let arrivals = Mutex<[ContinuousClock.Instant]>([])
  func note(_ request: CollectionRequest) {
    arrivals.withLock { $0.append(.now) }
    requests.withLock { $0.append(request) }
  }
  var times: [ContinuousClock.Instant] { arrivals.withLock { $0 } }
  var all: [CollectionRequest] { requests.withLock { $0 } }
}

extension EndpointContent {
  /// Content with one metric; `wait` is how long a collection takes.
  static func sample(counter: CallCounter = CallCounter(), wait: Duration = .zero) -> EndpointContent {
    EndpointContent(
      collectors: [
        CollectorChoice(name: "tcp", isEnabled: true),
        CollectorChoice(name: "udp", isEnabled: true),
        CollectorChoice(name: "owners", isEnabled: false),
      ],
      collect: { request in
        counter.note(request)
        if wait > .zero { try? await Task.sleep(for: wait) }
        return CollectedMetrics { .sample }
      },
      snapshotJSON: { Array(#"{"source": "proc"}"#.utf8) },
      page: { paths in
        EndpointDocument(
          contentType: "text/html; charset=utf-8", headers: [("Content-Security-Policy", "default-src 'none'")],
          body: Array("<!DOCTYPE html><a href=\"\(paths.metrics)\">Metrics</a><a href=\"\(paths.snapshot)\">JSON</a>".utf8))
      })
  }
}
