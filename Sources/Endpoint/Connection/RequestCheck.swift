internal import NIOHTTP1

/// What the parser lets through and two servers in a row could read in two ways. RFC 9112 sections 3.2 and 11.2
enum RequestCheck {
  /// Whether the request is refused, and with what. `Content-Length` together with `Transfer-Encoding`, repeated and malformed lengths and
  /// unfinished codings are refused by the parser.
  static func refusal(of head: HTTPRequestHead, limits: EndpointLimits) -> Response? {
    let hosts = head.headers[canonicalForm: "host"].count
    if hosts > 1 || (hosts == 0 && head.version != .http1_0) {
      return refuse(.badRequest, "A request must have one Host header.")
    }
    let codings = head.headers["transfer-encoding"]
    // HTTP/1.0 knows no transfer codings; a proxy of that age passes one on without understanding it.
    if head.version == .http1_0, !codings.isEmpty {
      return refuse(.badRequest, "An HTTP/1.0 request cannot have a Transfer-Encoding.")
    }
    // The parser frames by the last coding and would pass on a body still coded by those before. RFC 9112 section 6.1
    if codings.count > 1 || codings.contains(where: { $0.lowercased() != "chunked" }) {
      return refuse(.notImplemented, "The only supported Transfer-Encoding is chunked.")
    }
    if head.headers.contains(name: "expect") {
      return refuse(.expectationFailed, "No request here needs a body: send none, and no Expect.")
    }
    if let length = head.headers.first(name: "content-length").flatMap({ Int($0) }), length > limits.bodyBytes {
      return bodyTooLarge(limits)
    }
    return nil
  }

  /// The answer to a body that is longer than the limit.
  static func bodyTooLarge(_ limits: EndpointLimits) -> Response {
    refuse(.payloadTooLarge, "A request body may have at most \(limits.bodyBytes) bytes.")
  }

  /// Whether a body follows the head.
  static func announcesBody(_ head: HTTPRequestHead) -> Bool {
    head.headers.contains(name: "transfer-encoding") || head.headers.first(name: "content-length").map { $0 != "0" } ?? false
  }

  /// Whether what follows this request on the connection is another protocol's, which is not spoken here.
  static func endsProtocol(_ head: HTTPRequestHead) -> Bool {
    head.method == .CONNECT || head.headers.contains(name: "upgrade")
  }

  /// An answer after which the connection ends.
  static func refuse(_ status: HTTPResponseStatus, _ line: String) -> Response {
    var response = Response.text(status, line)
    response.closesConnection = true
    return response
  }
}
