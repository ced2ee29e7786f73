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

/// Where collections wait until a test lets them go on.
final class CollectionGate: Sendable {
  private struct State {
    var isOpen = false
    var waiting: [CheckedContinuation<Void, Never>] = []
    var passed = 0
  }

  private let state = Mutex(State())

  /// How many collections have gone through.
  var passed: Int { state.withLock { $0.passed } }

  func open() {
    let waiting = state.withLock { state in
      state.isOpen = true
      defer { state.waiting = [] }
      return state.waiting
    }
    for continuation in waiting { continuation.resume() }
  }

  func pass() async {
    await withCheckedContinuation { continuation in
      let isOpen = state.withLock { state in
        if !state.isOpen { state.waiting.append(continuation) }
        return state.isOpen
      }
      if isOpen { continuation.resume() }
    }
    state.withLock { $0.passed += 1 }
  }
}

extension EndpointContent {
  /// Content with one metric, which is collected once `gate` is open.
  static func sample(counter: CallCounter = CallCounter(), gate: CollectionGate? = nil) -> EndpointContent {
    EndpointContent(
      collectors: [
        CollectorChoice(name: "tcp", isEnabled: true),
        CollectorChoice(name: "udp", isEnabled: true),
        CollectorChoice(name: "owners", isEnabled: false),
      ],
      collect: { request in
        counter.note(request)
        await gate?.pass()
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
