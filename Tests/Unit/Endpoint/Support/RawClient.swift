import Foundation
import Glibc
import TestSupport

/// A client that sends any bytes it likes and sees exactly what comes back.
final class RawClient: Sendable {
  private let socket: TestSocket

  init(port: Int, host: String = "127.0.0.1", receiveBuffer: Int32? = nil) throws {
    let address = SocketAddress(host, UInt16(port))
    socket = try TestSocket(.tcp, isIPv6: address.isIPv6)
    if let receiveBuffer { try socket.set(SOL_SOCKET, SO_RCVBUF, receiveBuffer) }
    try socket.connect(address)
  }

  init(unixPath: String) throws { socket = try TestSocket.unixClient(to: unixPath) }

  var descriptor: Int32 { socket.descriptor }

  /// Sends everything; `false` when the other side is gone.
  @discardableResult
  func send(_ text: String) -> Bool {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let sent = unsafe rest.withUnsafeBytes { unsafe Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      if sent <= 0 { return false }
      rest = rest.dropFirst(sent)
    }
    return true
  }

  func shutdownWrite() { socket.finishSending() }

  /// Goes away with a reset.
  func reset() throws {
    try socket.resetOnClose()
    socket.close()
  }

  /// What one read brings: `nil` when nothing comes in time, empty at the end, and at a reset.
  func receive(seconds: Double = 20) -> [UInt8]? {
    var poller = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    guard unsafe poll(&poller, 1, Int32(seconds * 1000)) > 0 else { return nil }
    var bytes = [UInt8](repeating: 0, count: 65536)
    let count = unsafe recv(descriptor, &bytes, bytes.count, 0)
    return count > 0 ? Array(bytes[..<count]) : []
  }

  /// Everything until the other side closes; `nil` when it does not in time.
  func receiveToEnd(seconds: Double = 30) -> String? {
    var all: [UInt8] = []
    let end = Date().addingTimeInterval(seconds)
    while true {
      guard let some = receive(seconds: max(0, end.timeIntervalSinceNow)) else { return nil }
      if some.isEmpty { return String(decoding: all, as: UTF8.self) }
      all += some
    }
  }

  /// One answer with a Content-Length, as far as it comes; keeps the connection.
  func receiveAnswer(seconds: Double = 30) -> String {
    var all: [UInt8] = []
    let end = Date().addingTimeInterval(seconds)
    while true {
      let text = String(decoding: all, as: UTF8.self)
      if let head = text.range(of: "\r\n\r\n") {
        let length =
          text[..<head.lowerBound].lowercased().split(separator: "\r\n").first { $0.hasPrefix("content-length:") }
          .flatMap { Int($0.dropFirst("content-length:".count).trimmingCharacters(in: .whitespaces)) } ?? 0
        if text[head.upperBound...].utf8.count >= length { return text }
      }
      guard let some = receive(seconds: max(0, end.timeIntervalSinceNow)), !some.isEmpty else { return text }
      all += some
    }
  }
}
