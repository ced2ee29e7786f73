internal import Exposition
internal import NIOCore
internal import NIOHTTP1
internal import Synchronization

/// Turns a request into an answer: paths, methods, negotiation.
final class RequestService: RequestAnswering {
  private let configuration: EndpointConfiguration
  private let content: EndpointContent
  /// `nil` without a web configuration.
  let access: AccessControl?
  private let gate: RequestGate
  private let documents = SharedWork<Route, SharedDocument>()
  private let isReady = Atomic(false)
  private let works = Atomic(0)

  init(configuration: EndpointConfiguration, content: EndpointContent, access: AccessControl? = nil) {
    self.configuration = configuration
    self.content = content
    self.access = access
    gate = RequestGate(limit: configuration.maxRequests)
  }

  /// Whether `/-/ready` answers 200: from the start of the run, when signals are taken, to the shutdown, when load balancers are to look
  /// elsewhere.
  func setReady(_ ready: Bool) {
    isReady.store(ready, ordering: .relaxed)
  }

  /// Whether `/-/ready` answers 200.
  var isServing: Bool { isReady.load(ordering: .relaxed) }

  /// Whether answers are being made that their event loop must outlive.
  var isWorking: Bool { works.load(ordering: .acquiring) > 0 }

  /// Does a piece of work and counts it while it runs.
  func perform(_ work: @Sendable () async -> Response) async -> Response {
    works.wrappingAdd(1, ordering: .acquiringAndReleasing)
    defer { works.wrappingSubtract(1, ordering: .acquiringAndReleasing) }
    return await work()
  }

  /// Answers what can be answered at once: refusals, unknown paths, health checks. Cheap; runs on the event loop.
  func decide(_ head: HTTPRequestHead, from address: String) -> RequestDecision {
    guard let access else { return route(head, from: address) }
    let (admission, headers) = access.admit(head)
    switch admission {
    case .refused(let response): return .answer(response.setting(headers))
    case .admitted:
      switch route(head, from: address) {
      case .answer(let response): return .answer(response.setting(headers))
      case .work(let work): return .work { await work().setting(headers) }
      }
    case .unverified(let login):
      return .work {
        if let refusal = await access.verify(login, address: address) { return refusal.setting(headers) }
        switch self.route(head, from: address) {
        case .answer(let response): return response.setting(headers)
        case .work(let work): return await work().setting(headers)
        }
      }
    }
  }

  /// Whether the answer is a refusal whatever the body holds. Takes no token of the rate limit and compares no password.
  func refusesAnyBody(_ head: HTTPRequestHead) -> Bool {
    switch access?.login(of: head) ?? .admitted {
    case .refused: return true
    case .unverified: return false
    case .admitted:
      guard case .answer(let response) = route(head, from: "") else { return false }
      return response.status.code >= 400
    }
  }

  private func route(_ head: HTTPRequestHead, from address: String) -> RequestDecision {
    guard let target = RequestTarget(head.uri) else {
      return .answer(.text(.badRequest, "The URL contains an invalid percent-escape."))
    }
    guard let route = Route(path: target.path, telemetryPath: configuration.telemetryPath) else {
      return .answer(.text(.notFound, "404 page not found"))
    }
    guard Route.allowedMethods.contains(head.method) else {
      var response = Response.text(.methodNotAllowed, "Method Not Allowed: this path takes GET and HEAD.")
      response.headers.add(name: "Allow", value: Route.allowedMethods.map(\.rawValue).joined(separator: ", "))
      return .answer(response)
    }
    switch route {
    case .healthy: return .answer(.text(.ok, "Portpool is Healthy."))
    case .ready where isReady.load(ordering: .relaxed): return .answer(readiness)
    case .ready: return .answer(.text(.serviceUnavailable, "Portpool is starting or shutting down."))
    case .page, .metrics, .snapshot: return .work { await self.respond(to: head, route: route, target: target, from: address) }
    }
  }

  /// What `/-/ready` says while the server runs.
  private var readiness: Response {
    guard let hindrance = content.hindrance() else { return .text(.ok, "Portpool is Ready.") }
    return .text(.serviceUnavailable, "Portpool answers in part: \(hindrance.reason).")
  }

  /// Does the work of a route, within `--web.max-requests`.
  private func respond(to head: HTTPRequestHead, route: Route, target: RequestTarget, from address: String) async -> Response {
    guard gate.enter(from: address) else {
      return .text(.serviceUnavailable, "Limit of concurrent requests reached (\(configuration.maxRequests)), try again later.")
    }
    defer { gate.leave(from: address) }
    switch route {
    case .metrics: return await metrics(head, target)
    case .snapshot:
      let snapshotJSON = content.snapshotJSON
      return await document(head, route) { EndpointDocument(contentType: "application/json", body: try await snapshotJSON()) }
    default:
      let page = content.page
      let paths = EndpointPaths(metrics: configuration.telemetryPath, snapshot: Route.snapshotPath)
      return await document(head, route) { try await page(paths) }
    }
  }

  private func metrics(_ head: HTTPRequestHead, _ target: RequestTarget) async -> Response {
    let names: [String]
    do throws(CollectorSelection.Problem) {
      names = try CollectorSelection.names(query: target.query, choices: content.collectors)
    } catch {
      return .text(.badRequest, error.description)
    }
    let format = ExpositionFormat.negotiated(accept: Self.combined(head.headers, "Accept"))
    let budget = ScrapeTimeout.budget(head.headers.first(name: ScrapeTimeout.headerName), offset: configuration.timeoutOffset)
    let deadline = budget.map { ContinuousClock.now + $0 }
    let collected = await content.collect(CollectionRequest(collectors: names, deadline: deadline))
    return await coded(head, collected.body(as: format), contentType: format.contentType, vary: "Accept, Accept-Encoding")
  }

  private func document(
    _ head: HTTPRequestHead, _ route: Route, make: @escaping @Sendable () async throws -> EndpointDocument
  ) async -> Response {
    do {
      let document = try await documents.value(for: route) { SharedDocument(try await make()) }
      var response = await coded(head, document.body, contentType: document.contentType, vary: "Accept-Encoding")
      response.headers.add(name: "Cache-Control", value: "no-store")
      for (name, value) in document.headers { response.headers.add(name: name, value: value) }
      return response
    } catch {
      return .text(.serviceUnavailable, "\(error)")
    }
  }

  private func coded(_ head: HTTPRequestHead, _ body: SharedBody, contentType: String, vary: String) async -> Response {
    let coding = ContentCoding.negotiated(acceptEncoding: Self.combined(head.headers, "Accept-Encoding"))
    let (bytes, isGzipped) = await body.coded(as: coding)
    var response = Response(.ok, contentType: contentType, body: bytes)
    response.headers.add(name: "Vary", value: vary)
    if isGzipped { response.headers.add(name: "Content-Encoding", value: "gzip") }
    return response
  }

  /// A list header that a client may send in several lines, as one. RFC 9110 section 5.3
  private static func combined(_ headers: HTTPHeaders, _ name: String) -> String? {
    let values = headers[name]
    return values.isEmpty ? nil : values.joined(separator: ", ")
  }
}

/// Counts the requests that are being answered: `--web.max-requests`.
///
/// A client that has no other request under way gets in beyond the limit, up to twice its number, so that a flood from one address keeps nobody
/// else from scraping.
final class RequestGate: Sendable {
  private let limit: Int
  private let inside = Mutex((all: 0, byAddress: [String: Int]()))

  /// A gate for that many; 0 lets everyone in.
  init(limit: Int) {
    self.limit = limit
  }

  /// Takes a place; `false` when none is free. Every place taken is given back with ``leave(from:)``.
  func enter(from address: String) -> Bool {
    inside.withLock { inside in
      let own = inside.byAddress[address, default: 0]
      guard limit <= 0 || inside.all < limit || own == 0 && inside.all < 2 * limit else { return false }
      inside.all += 1
      inside.byAddress[address] = own + 1
      return true
    }
  }

  /// Gives a place back.
  func leave(from address: String) {
    inside.withLock { inside in
      inside.all -= 1
      let left = inside.byAddress[address, default: 1] - 1
      inside.byAddress[address] = left > 0 ? left : nil
    }
  }
}
