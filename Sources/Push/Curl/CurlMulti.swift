internal import CCurl
internal import Synchronization

/// The connections of a session, kept between transfers, and the one place where its thread waits.
///
/// A class, because one thread waits in it and another stops it. The corresponding C functions are
/// `curl_multi_init` and `curl_multi_cleanup`; `curl_multi_wakeup` is the one that may be called from any thread.
@safe final class CurlMulti: Sendable {
  let library: CurlLibrary
  nonisolated(unsafe) private let handle: UnsafeMutableRawPointer
  private let stopped = Atomic(false)

  init(_ library: CurlLibrary) throws(PushError) {
    guard let handle = unsafe library.functions.pointee.multi_init() else {
      throw PushError(.library, "libcurl has no memory or descriptor for its connections")
    }
    self.library = library
    unsafe self.handle = handle
  }

  deinit { _ = unsafe library.functions.pointee.multi_cleanup(handle) }

  var isStopped: Bool { stopped.load(ordering: .acquiring) }

  /// Ends waiting and transfers, now and later. From any thread.
  func stop() {
    stopped.store(true, ordering: .releasing)
    _ = unsafe library.functions.pointee.multi_wakeup(handle)
  }

  /// Waits, unless it is stopped meanwhile.
  func wait(until end: ContinuousClock.Instant) {
    while !isStopped {
      let left = end - .now
      guard left > .zero else { return }
      poll(left)
    }
  }

  /// Runs a transfer to its end; `nil` when it was stopped meanwhile.
  ///
  /// - Parameter finishing: continues although the session is stopped, for its last requests. The transfer's own time limit still holds.
  func perform(_ easy: borrowing CurlTransfer, finishing: Bool) throws(PushError) -> CURLcode? {
    let added = unsafe library.functions.pointee.multi_add_handle(handle, easy.handle)
    guard added == CURLM_OK else {
      throw PushError(.library, "libcurl does not start a transfer: curl_multi_add_handle gave \(added.rawValue)")
    }
    defer { _ = unsafe library.functions.pointee.multi_remove_handle(handle, easy.handle) }
    while finishing || !isStopped {
      var running: Int32 = 0
      let performed = unsafe library.functions.pointee.multi_perform(handle, &running)
      guard performed == CURLM_OK else {
        throw PushError(.library, "libcurl aborted a transfer: curl_multi_perform gave \(performed.rawValue)")
      }
      var result = CURLE_OK
      if unsafe ccurl_ended(library.functions, handle, easy.handle, &result) != 0 { return result }
      poll(.seconds(10))
    }
    return nil
  }

  /// Waits for a socket, a wake-up or the time. The corresponding C function is `curl_multi_poll`.
  private func poll(_ duration: Duration) {
    let (seconds, attoseconds) = duration.components
    // Rounded up: a wait of less than a millisecond must not become a busy loop.
    let milliseconds = seconds > 1_000_000 ? 1_000_000_000 : seconds * 1_000 + attoseconds / 1_000_000_000_000_000 + 1
    _ = unsafe library.functions.pointee.multi_poll(handle, nil, 0, Int32(milliseconds), nil)
  }
}

extension CurlMulti {
  /// Sends a request and waits for its answer; returns when the server answered 2xx.
  ///
  /// - Parameters:
  ///   - limit: the longest it may take; `nil` for the configured limit. With one, it continues although the session is stopped.
  ///   - answerLimit: how many bytes of the answer to keep; a push needs only the explanation of an error.
  /// - Returns: the answer's body, up to the limit.
  /// - Throws: what went wrong. Its text is made from the address, the status and libcurl's words, never from a secret.
  @discardableResult
  func exchange(
    _ request: PushRequest, _ configuration: PushConfiguration, _ secret: PushSecret?, finishingWithin limit: Duration? = nil,
    answerLimit: Int = 4_096
  ) throws(PushError) -> AnswerBuffer {
    var transfer = try CurlTransfer(library, answerLimit: answerLimit)
    try transfer.prepare(request, configuration, secret, timeout: limit ?? configuration.timeout)
    guard let result = try perform(transfer, finishing: limit != nil) else {
      throw PushError(.stopped, "\(request.shownURL): the push was cancelled because the program is stopping")
    }
    let carriesSecret = secret != nil || request.url != request.shownURL
    if let error = transfer.failure(result, request, carriesSecret: carriesSecret) { throw error }
    return transfer.answer
  }
}
