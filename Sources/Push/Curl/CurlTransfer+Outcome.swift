internal import CCurl

extension CurlTransfer {
  /// Why the transfer did not do what it should, or nil when the server said 2xx.
  func failure(_ result: CURLcode, _ request: PushRequest) -> PushError? {
    guard result == CURLE_OK else { return fault(result, request) }
    let status = number(CURLINFO_RESPONSE_CODE) ?? 0
    guard !(200..<300).contains(status) else { return nil }
    let line = answer.line
    let said = "\(request.shownURL): \(status)\(Self.phrase(status))" + (line.isEmpty ? "" : ": \(line)")
    switch status {
    case 300..<400: return PushError(.redirected, "\(said); redirects are not followed, give the address it leads to")
    case 429: return PushError(.throttled, said, retryAfter: retryAfter)
    case 500...: return PushError(.server, said, retryAfter: retryAfter)
    default: return PushError(.rejected, said)
    }
  }

  /// A transfer that got no answer.
  private func fault(_ result: CURLcode, _ request: PushRequest) -> PushError {
    let systemError = result == CURLE_COULDNT_CONNECT ? number(CURLINFO_OS_ERRNO) ?? 0 : 0
    let said = "\(request.shownURL): \(words(result))" + (systemError > 0 ? ": \(Self.systemWords(systemError))" : "")
    switch result {
    case _ where systemError == Self.addressNotAvailable:
      return PushError(
        .noLocalPort,
        "\(request.shownURL): no local port is left for the connection (EADDRNOTAVAIL): this host's port pool is used up; "
          + "being scraped goes on working, pushing resumes when a port comes free")
    case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: return PushError(.resolve, said)
    case CURLE_OPERATION_TIMEDOUT: return PushError(.timeout, said)
    case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CERTPROBLEM, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_CIPHER,
      CURLE_SSL_CONNECT_ERROR, CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_CRL_BADFILE:
      return PushError(.tls, said)
    case CURLE_COULDNT_CONNECT, CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_GOT_NOTHING, CURLE_PARTIAL_FILE, CURLE_HTTP2, CURLE_HTTP2_STREAM,
      CURLE_WEIRD_SERVER_REPLY, CURLE_UNSUPPORTED_PROTOCOL, CURLE_HTTP3:
      return PushError(.connection, said)
    default: return PushError(.library, said)
    }
  }

  /// EADDRNOTAVAIL of Linux, `include/uapi/asm-generic/errno.h`.
  private static let addressNotAvailable = 99

  private static func systemWords(_ number: Int) -> String {
    guard let text = unsafe ccurl_system_words(Int32(truncatingIfNeeded: number)) else { return "error \(number)" }
    return unsafe String(cString: text)
  }

  /// `Retry-After`, be it seconds or a date.
  private var retryAfter: Duration? {
    offset(CURLINFO_RETRY_AFTER).flatMap { $0 > 0 ? .seconds($0) : nil }
  }

  /// The words for the codes a push meets: ` Bad Request`.
  private static func phrase(_ status: Int) -> String {
    let phrases = [
      400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed", 413: "Content Too Large",
      415: "Unsupported Media Type", 429: "Too Many Requests", 500: "Internal Server Error", 502: "Bad Gateway", 503: "Service Unavailable",
      504: "Gateway Timeout",
    ]
    return phrases[status].map { " \($0)" } ?? ""
  }
}
