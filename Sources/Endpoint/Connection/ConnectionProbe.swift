package import NIOCore
internal import NIOHTTP1

/// A connection without a program behind it, for tests that feed bytes by hand: every request that the parser and the limits let through
/// is answered at once with its method and target, and with what was understood of it.
///
/// `GET /a?b=c`, `/a b false -`
package enum ConnectionProbe {
  private struct Echo: RequestAnswering {
    func decide(_ head: HTTPRequestHead, from address: String) -> RequestDecision {
      let echo = "\(head.method.rawValue) \(head.uri)\n"
      guard let target = RequestTarget(head.uri) else { return .answer(.text(.badRequest, echo)) }
      let names = target.query.map(\.name).joined(separator: ",")
      let login = BasicCredentials(head.headers.first(name: "Authorization")) != nil
      let budget = ScrapeTimeout.budget(head.headers.first(name: ScrapeTimeout.headerName), offset: .milliseconds(500))
      return .answer(.text(.ok, echo + "\(target.path) \(names) \(login) \(budget.map { "\($0)" } ?? "-")"))
    }

    func perform(_ work: @Sendable () async -> Response) async -> Response { await work() }
  }

  /// Adds the handlers of a plain connection to a channel, such as an embedded one.
  package static func install(on channel: any Channel, limits: EndpointLimits = EndpointLimits()) throws {
    try ConnectionPipeline.addHTTP(
      to: channel, service: Echo(), connections: OpenConnections(limit: limits.connections), limits: limits, isTLS: false, clientNames: nil,
      log: EndpointLog(level: .error) { _ in })
  }
}
