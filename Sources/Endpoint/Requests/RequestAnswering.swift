internal import NIOHTTP1

/// What a connection asks for its answers: the service of the program, or a stand-in for tests of the parser and the limits.
protocol RequestAnswering: Sendable {
  /// Answers at once, or names the work that makes the answer.
  func decide(_ head: HTTPRequestHead, from address: String) -> RequestDecision
  /// Does the work.
  func perform(_ work: @Sendable () async -> Response) async -> Response
}

/// What is known of a request at once.
enum RequestDecision: Sendable {
  /// The answer needs no work.
  case answer(Response)
  /// The answer is what this makes.
  case work(@Sendable () async -> Response)
}
