extension CurlMulti {
  /// Sends a request and waits for its answer; returns when the server said 2xx.
  ///
  /// - Parameters:
  ///   - finishing: goes on although the session is stopped.
  ///   - answerLimit: how many bytes of the answer to keep; a push needs only the explanation of an error.
  /// - Returns: the answer's body, as far as it was kept.
  /// - Throws: what went wrong, without the secret, whoever repeats it.
  @discardableResult
  func exchange(
    _ request: PushRequest, _ configuration: PushConfiguration, _ secret: PushSecret?, finishing: Bool = false,
    answerLimit: Int = 4_096
  ) throws(PushError) -> AnswerBuffer {
    var transfer = try CurlTransfer(library, answerLimit: answerLimit)
    try transfer.prepare(request, configuration, secret)
    guard let result = try perform(transfer, finishing: finishing) else {
      throw PushError(.stopped, "\(request.shownURL): the push was broken off because the program ends")
    }
    guard let error = transfer.failure(result, request) else { return transfer.answer }
    guard let secret else { throw error }
    throw PushError(error.reason, secret.redacted(error.description), retryAfter: error.retryAfter)
  }
}
