import Foundation
import Glibc
import Synchronization
import TestSupport

/// An HTTP server on loopback that misbehaves by a script: each request gets the next answer, the last one from then on.
final class ScriptedServer: Sendable {
  enum Answer: Sendable {
    /// A whole answer; `body` and headers as they are.
    case status(Int, headers: [String] = [], body: String = "")
    /// The whole answer, after a wait.
    case slow(Double, Int)
    /// Closes without a byte.
    case close
    /// Bytes that are not HTTP.
    case garbage(String)

    /// A time limit that this answer exceeds if it is a slow one, and that the others keep on a busy machine too.
    var timeout: Duration { if case .slow = self { .seconds(2) } else { .seconds(30) } }
  }

  struct Request: Sendable {
    let line: String
    /// Names in lower case.
    let headers: [String: String]
    let body: [UInt8]
    /// Which connection it came on, from 1.
    let connection: Int
    let time: ContinuousClock.Instant
  }

  let port: UInt16
  private let listener: TestSocket
  private let answers: [Answer]
  private let recorded = Mutex<[Request]>([])
  private let stopped = Atomic(false)

  var requests: [Request] { recorded.withLock { $0 } }
  var url: String { "http://127.0.0.1:\(port)" }

  init(_ answers: Answer...) throws {
    self.answers = answers
    listener = try TestSocket.listener(SocketAddress("127.0.0.1"))
    port = listener.localAddress?.port ?? 0
    let thread = Thread { [self] in serve() }
    thread.start()
  }

  func stop() {
    stopped.store(true, ordering: .releasing)
    shutdown(listener.descriptor, Int32(SHUT_RDWR))
  }

  private func serve() {
    var connection = 0
    while !stopped.load(ordering: .acquiring) {
      let descriptor = accept(listener.descriptor, nil, nil)
      guard descriptor >= 0 else { return }
      connection += 1
      let number = connection
      let thread = Thread { [self] in converse(descriptor, number) }
      thread.start()
    }
  }

  private func converse(_ descriptor: Int32, _ connection: Int) {
    var limit = timeval(tv_sec: 0, tv_usec: 50_000)
    unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    while let request = read(descriptor, connection) {
      let count = recorded.withLock { recorded in
        recorded.append(request)
        return recorded.count
      }
      guard reply(answers[min(count, answers.count) - 1], on: descriptor) else { break }
    }
    close(descriptor)
  }

  private func reply(_ answer: Answer, on descriptor: Int32) -> Bool {
    switch answer {
    case .status(let status, let headers, let body):
      let lines = ["HTTP/1.1 \(status) X", "Content-Length: \(body.utf8.count)"] + headers
      send(lines.joined(separator: "\r\n") + "\r\n\r\n" + body, descriptor)
    case .slow(let seconds, let status):
      let end = Date.now + seconds
      while Date.now < end, !stopped.load(ordering: .acquiring) { usleep(10_000) }
      send("HTTP/1.1 \(status) X\r\nContent-Length: 0\r\n\r\n", descriptor)
    case .close: return false
    case .garbage(let text):
      send(text, descriptor)
      return false
    }
    return true
  }

  private func send(_ text: String, _ descriptor: Int32) {
    let bytes = Array(text.utf8)
    _ = unsafe Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
  }

  private func read(_ descriptor: Int32, _ connection: Int) -> Request? {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while !stopped.load(ordering: .acquiring) {
      if let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) {
        let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n").map(String.init)
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
          let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
          headers[parts[0].lowercased()] = parts.count > 1 ? parts[1].trimmingCharacters(in: .whitespaces) : ""
        }
        let length = Int(headers["content-length"] ?? "0") ?? 0
        if bytes.count - end.upperBound >= length {
          let body = Array(bytes[end.upperBound..<(end.upperBound + length)])
          return Request(line: lines[0], headers: headers, body: body, connection: connection, time: .now)
        }
      }
      let count = unsafe recv(descriptor, &chunk, chunk.count, 0)
      if count == 0 || (count < 0 && errno != EAGAIN) { return nil }
      if count > 0 { bytes += chunk.prefix(count) }
    }
    return nil
  }
}
