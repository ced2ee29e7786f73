internal import CCurl

extension CurlTransfer {
  /// Why the transfer failed; `nil` when the server answered 2xx.
  ///
  /// - Parameter carriesSecret: the request had a login or a query in it, so the answer may repeat it in any encoding and is not shown.
  func failure(_ result: CURLcode, _ request: PushRequest, carriesSecret: Bool) -> PushError? {
    guard result == CURLE_OK else { return fault(result, request) }
    let status = number(CURLINFO_RESPONSE_CODE) ?? 0
    guard !(200..<300).contains(status) else { return nil }
    let line = answer.line
    let explanation = line.isEmpty ? "" : carriesSecret ? " (the explanation is not shown, because it may repeat the login)" : ": \(line)"
    let said = "\(request.shownURL): \(status)\(Self.phrase(status))\(explanation)"
    switch status {
    case 300..<400: return PushError(.redirected, "\(said); redirects are not followed; give the address it leads to")
    case 429: return PushError(.throttled, said, retryAfter: retryAfter)
    case 500...: return PushError(.server, said, retryAfter: retryAfter)
    default: return PushError(.rejected, said)
    }
  }

  /// Why a transfer got no answer.
  private func fault(_ result: CURLcode, _ request: PushRequest) -> PushError {
    let systemError = result == CURLE_COULDNT_CONNECT ? number(CURLINFO_OS_ERRNO) ?? 0 : 0
    if isKeptFromProxies, result == CURLE_COULDNT_CONNECT, systemError == 0 {
      return PushError(
        .credentials,
        "\(request.shownURL): a proxy is set in the environment, and the login would go to it in the clear; use https, or name the host in no_proxy"
      )
    }
    let said = "\(request.shownURL): \(words(result))" + (systemError > 0 ? ": \(Self.systemWords(systemError))" : "")
    switch result {
    case _ where systemError == Self.addressNotAvailable:
      return PushError(
        .noLocalPort,
        "\(request.shownURL): no local port is left for the connection (EADDRNOTAVAIL): this host's port pool is used up; "
          + "scraping still works, and pushing resumes when a port becomes free")
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

  /// `Retry-After`, in seconds or as a date.
  private var retryAfter: Duration? {
    offset(CURLINFO_RETRY_AFTER).flatMap { $0 > 0 ? .seconds($0) : nil }
  }

  /// The reason phrases of common codes: ` Bad Request`.
  private static func phrase(_ status: Int) -> String {
    let phrases = [
      400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed", 413: "Content Too Large",
      415: "Unsupported Media Type", 429: "Too Many Requests", 500: "Internal Server Error", 502: "Bad Gateway", 503: "Service Unavailable",
      504: "Gateway Timeout",
    ]
    return phrases[status].map { " \($0)" } ?? ""
  }
}

/// The beginning of an answer's body: enough for the explanation of an error, or for the document that was asked for.
final class AnswerBuffer {
  private let capacity: Int
  private(set) var bytes: [UInt8] = []
  /// Whether there was more than fits.
  private(set) var isCut = false

  init(capacity: Int) { self.capacity = capacity }

  /// Keeps what still fits. The rest is read and dropped, so that the connection can be reused.
  func append(_ more: UnsafeRawBufferPointer) {
    let room = capacity - bytes.count
    if more.count > room { isCut = true }
    unsafe bytes.append(contentsOf: more.prefix(room))
  }

  /// The body as one line of text, at most 500 scalars: what a terminal would obey and runs of white space become one space.
  var line: String {
    var text = ""
    var length = 0
    for word in String(decoding: bytes.prefix(4_096), as: UTF8.self).unicodeScalars.split(whereSeparator: Self.separates) {
      if length > 0 { text += " " }
      guard length + word.count < 500 else {
        text.unicodeScalars.append(contentsOf: word.prefix(500 - length))
        return text + "…"
      }
      text.unicodeScalars.append(contentsOf: word)
      length += word.count + 1
    }
    return text
  }

  /// White space, control characters of both sets, and the invisible ones that reorder or join text.
  private static func separates(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .spaceSeparator, .privateUse, .unassigned: true
    default: false
    }
  }
}
