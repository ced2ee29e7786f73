internal import Glibc
internal import NIOCore
package import NIOHTTP1
internal import WebConfig

/// A whole answer, before it is framed.
package struct Response: Sendable, Equatable {
  package var status: HTTPResponseStatus
  var headers: HTTPHeaders
  var body: ByteBuffer
  /// Whether the connection ends with this answer, because what follows it on the wire cannot be trusted.
  package var closesConnection = false

  init(_ status: HTTPResponseStatus, contentType: String, body: ByteBuffer) {
    self.status = status
    self.headers = ["Content-Type": contentType]
    self.body = body
  }

  /// A line of text, as every error is answered: uncompressed, never cached.
  package static func text(_ status: HTTPResponseStatus, _ line: String) -> Response {
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

/// What a connection asks for its answers: the service of the program, or a stand-in for tests of the parser and the limits.
protocol RequestAnswering: Sendable {
  /// Answers at once, or names the work that makes the answer.
  func decide(_ head: HTTPRequestHead, from address: String) -> RequestDecision
  /// Whether the request is refused whatever its body holds, so that the body need not be waited for. Costs nothing and counts nothing:
  /// ``decide(_:from:)`` then gives the answer.
  func refusesAnyBody(_ head: HTTPRequestHead) -> Bool
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

/// The value of the `Date` header: `Tue, 24 Nov 2026 10:42:23 GMT`. RFC 9110 section 5.6.7
package enum HTTPDate {
  private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
  private static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]

  /// Seconds since 1970-01-01T00:00:00Z.
  ///
  /// The corresponding C function is `time`.
  static func now() -> Int { time(nil) }

  /// The text for a count of seconds since 1970-01-01T00:00:00Z.
  ///
  /// The corresponding C function is `gmtime_r`.
  package static func text(secondsSince1970: Int) -> String {
    var seconds = time_t(secondsSince1970)
    var date = unsafe tm()
    // It fails only for years that do not fit into 32 bits: the date is then the epoch's.
    if unsafe gmtime_r(&seconds, &date) == nil { unsafe (date.tm_mday, date.tm_year, date.tm_wday) = (1, 70, 4) }
    let (weekday, day, month, year) = unsafe (Int(date.tm_wday), date.tm_mday, Int(date.tm_mon), Int(date.tm_year) + 1900)
    let (hour, minute, second) = unsafe (date.tm_hour, date.tm_min, date.tm_sec)
    func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return "\(weekdays[weekday]), \(two(day)) \(months[month]) \(year) \(two(hour)):\(two(minute)):\(two(second)) GMT"
  }
}
