extension CurlMulti {
  /// Sends a request and waits for its answer; returns when the server said 2xx.
  ///
  /// - Parameter finishing: goes on although the session is stopped.
  /// - Throws: what went wrong, without the secret, whoever repeats it.
  func exchange(
    _ request: PushRequest, _ configuration: PushConfiguration, _ secret: PushSecret?, finishing: Bool = false
  ) throws(PushError) {
    var transfer = try CurlTransfer(library)
    try transfer.prepare(request, configuration, secret)
    guard let result = try perform(transfer, finishing: finishing) else {
      throw PushError(.stopped, "\(request.shownURL): the push was broken off because the program ends")
    }
    guard let error = transfer.failure(result, request) else { return }
    guard let secret else { throw error }
    throw PushError(error.reason, secret.redacted(error.description), retryAfter: error.retryAfter)
  }
}
