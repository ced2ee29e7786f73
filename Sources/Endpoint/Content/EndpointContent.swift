/// Everything the server asks of the program. The server knows HTTP and nothing of ports.
package struct EndpointContent: Sendable {
  /// The collectors that `collect[]` and `exclude[]` may name.
  package var collectors: [CollectorChoice]
  /// Collects, or joins what is being collected: scrapes that arrive together may get the same metrics, which are then written once. At the
  /// deadline it returns what is ready; the server sends the answer when it returns, not before.
  package var collect: @Sendable (CollectionRequest) async -> CollectedMetrics
  /// What keeps scrapes from being answered in full, as far as it is known. Cheap; called on the event loop.
  package var hindrance: @Sendable () -> Hindrance? = { nil }
  /// The JSON document of `/api/v1/snapshot`. A thrown error becomes a 503 with its description.
  package var snapshotJSON: @Sendable () async throws -> [UInt8]
  /// The page at `/`, made for a server with these paths. A thrown error becomes a 503 with its description.
  package var page: @Sendable (EndpointPaths) async throws -> EndpointDocument

  /// The functions of the program.
  package init(
    collectors: [CollectorChoice],
    collect: @escaping @Sendable (CollectionRequest) async -> CollectedMetrics,
    snapshotJSON: @escaping @Sendable () async throws -> [UInt8],
    page: @escaping @Sendable (EndpointPaths) async throws -> EndpointDocument
  ) {
    self.collectors = collectors
    self.collect = collect
    self.snapshotJSON = snapshotJSON
    self.page = page
  }
}

/// What a scrape asks the program for.
package struct CollectionRequest: Sendable, Hashable {
  /// The collectors to run: enabled ones only, in the order of ``EndpointContent/collectors``.
  package let collectors: [String]
  /// When the answer must be on its way, with whatever is ready then; `nil` when the client set no time-out.
  package let deadline: ContinuousClock.Instant?

  /// A request for these collectors.
  package init(collectors: [String], deadline: ContinuousClock.Instant?) {
    self.collectors = collectors
    self.deadline = deadline
  }
}

/// Why scrapes are not answered in full.
package struct Hindrance: Sendable, Hashable {
  /// A clause: `tcp has hung for 35 s`.
  package let reason: String
  /// Whether nothing at all can be collected.
  package let isTotal: Bool

  package init(reason: String, isTotal: Bool) {
    self.reason = reason
    self.isTotal = isTotal
  }
}

/// A collector that a scrape may ask for with `collect[]` or leave out with `exclude[]`.
package struct CollectorChoice: Sendable, Hashable {
  /// The name in the flags and in the query: `tcp`.
  package let name: String
  /// Whether `--collector.NAME` has it on.
  package let isEnabled: Bool

  /// A collector by its name.
  package init(name: String, isEnabled: Bool) {
    self.name = name
    self.isEnabled = isEnabled
  }
}

/// A document of the program, sent as it is.
package struct EndpointDocument: Sendable {
  /// Such as `text/html; charset=utf-8`.
  package let contentType: String
  /// Headers that belong to this document, such as a Content-Security-Policy. Those of the web configuration win over them.
  package let headers: [(name: String, value: String)]
  package let body: [UInt8]

  package init(contentType: String, headers: [(name: String, value: String)] = [], body: [UInt8]) {
    self.contentType = contentType
    self.headers = headers
    self.body = body
  }
}

/// Where the server answers with data, for links from the page.
///
/// They are relative to the page, so that they also lead there behind a reverse proxy that serves it below a prefix. RFC 3986 section 5.2
package struct EndpointPaths: Sendable, Hashable {
  /// The telemetry path: `./metrics`.
  package let metrics: String
  /// `./api/v1/snapshot`
  package let snapshot: String

  /// The links to two absolute paths. The dot keeps `/a:b` a path and `//a` on this host.
  init(metrics: String, snapshot: String) {
    self.metrics = "." + metrics
    self.snapshot = "." + snapshot
  }
}
