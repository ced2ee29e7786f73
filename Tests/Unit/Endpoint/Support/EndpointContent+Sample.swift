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
        return .sample
      },
      snapshotJSON: { Array(#"{"source": "proc"}"#.utf8) },
      page: { .sample })
  }
}

extension PageModel {
  static var sample: PageModel {
    PageModel(
      host: "db-7", version: "0.1.0", time: "2026-01-02T03:04:05Z",
      namespaces: [
        PageNamespace(
          name: "host", maps: [PortMap(name: "TCP", first: 32768, kinds: [.client, .client, .free, .listener])],
          pools: [
            PagePool(
              name: "connect() over IPv4", used: 12_004, capacity: 28_231, headroom: 16_227, error: "EADDRNOTAVAIL",
              note: "10.0.0.5 → 10.0.0.9:5432")
          ],
          tuples: [], listeners: [], facts: [], warnings: [])
      ],
      warnings: [])
  }
}
