internal import Glibc

/// One HTTP/1.1 request over a plain socket of the calling thread's namespace, and its whole answer.
package struct HTTPExchange: Sendable, Hashable {
  package let status: Int
  /// Names in lower case.
  package let headers: [String: String]
  package let body: [UInt8]

  package var text: String { String(decoding: body, as: UTF8.self) }

  /// Sends a request with `Connection: close` and reads until the server closes.
  package static func get(
    _ address: SocketAddress, _ path: String, method: String = "GET", headers: KeyValuePairs<String, String> = [:]
  ) throws(SystemCallFailure) -> HTTPExchange {
    let socket = try TestSocket.client(to: address)
    var request = "\(method) \(path) HTTP/1.1\r\nHost: \(address)\r\nConnection: close\r\n"
    for (name, value) in headers { request += "\(name): \(value)\r\n" }
    let bytes = Array((request + "\r\n").utf8)
    guard unsafe send(socket.descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else {
      throw SystemCallFailure("send \(address)")
    }
    var answer: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65536)
    while true {
      let count = unsafe recv(socket.descriptor, &chunk, chunk.count, 0)
      guard count >= 0 else { throw SystemCallFailure("recv \(address)") }
      if count == 0 { break }
      answer += chunk.prefix(count)
    }
    guard let exchange = HTTPExchange(answer) else { throw SystemCallFailure("HTTP answer of \(address)", EPROTO) }
    return exchange
  }

  /// Takes an answer apart; its body must be as long as `Content-Length` says, where that is said.
  init?(_ answer: [UInt8]) {
    guard let end = answer.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
    let lines = String(decoding: answer[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n")
    guard let first = lines.first?.split(separator: " "), first.count >= 2, let status = Int(first[1]) else { return nil }
    var headers: [String: String] = [:]
    for line in lines.dropFirst() {
      guard let colon = line.firstIndex(of: ":") else { return nil }
      headers[line[..<colon].lowercased()] = String(line[line.index(after: colon)...].drop { $0 == " " })
    }
    let content = Array(answer[end.upperBound...])
    if headers["transfer-encoding"] == "chunked" {
      guard let joined = Self.joined(chunks: content) else { return nil }
      (self.status, self.headers, body) = (status, headers, joined)
    } else {
      if let length = headers["content-length"], !content.isEmpty, Int(length) != content.count { return nil }
      (self.status, self.headers, body) = (status, headers, content)
    }
  }

  /// The body of `Transfer-Encoding: chunked`.
  private static func joined(chunks: [UInt8]) -> [UInt8]? {
    var (body, rest) = ([UInt8](), chunks[...])
    while let end = rest.firstRange(of: [13, 10]) {
      guard let size = Int(String(decoding: rest[..<end.lowerBound], as: UTF8.self), radix: 16) else { return nil }
      rest = rest[end.upperBound...]
      if size == 0 { return body }
      guard rest.count >= size + 2 else { return nil }
      body += rest.prefix(size)
      rest = rest.dropFirst(size + 2)
    }
    return nil
  }
}
