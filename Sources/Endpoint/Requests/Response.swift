internal import NIOCore
internal import NIOHTTP1
internal import WebConfig

/// A whole answer, before it is framed.
struct Response: Sendable {
  var status: HTTPResponseStatus
  var headers: HTTPHeaders
  var body: ByteBuffer
  /// Whether the connection ends with this answer, because what follows it on the wire cannot be trusted.
  var closesConnection = false

  init(_ status: HTTPResponseStatus, contentType: String, body: ByteBuffer) {
    self.status = status
    self.headers = ["Content-Type": contentType]
    self.body = body
  }

  /// A line of text, as every error is answered: uncompressed, never cached.
  static func text(_ status: HTTPResponseStatus, _ line: String) -> Response {
    var response = Response(status, contentType: "text/plain; charset=utf-8", body: ByteBuffer(string: line + "\n"))
    response.headers.add(name: "Cache-Control", value: "no-store")
    return response
  }

  /// The answer with the headers of the web configuration; what the user sets wins over what the server sets.
  func setting(_ headers: [HeaderSetting]) -> Response {
    var response = self
    for header in headers { response.headers.replaceOrAdd(name: header.name, value: header.value) }
    return response
  }

  /// The head to send: the length, what the connection does next, and `nosniff`.
  func head(version: HTTPVersion, keepAlive: Bool, date: String) -> HTTPResponseHead {
    var headers = headers
    headers.add(name: "Content-Length", value: String(body.readableBytes))
    headers.add(name: "Date", value: date)
    headers.replaceOrAdd(name: "X-Content-Type-Options", value: headers.first(name: "X-Content-Type-Options") ?? "nosniff")
    if !keepAlive {
      headers.add(name: "Connection", value: "close")
    } else if version == .http1_0 {
      headers.add(name: "Connection", value: "keep-alive")
    }
    return HTTPResponseHead(version: version, status: status, headers: headers)
  }
}
