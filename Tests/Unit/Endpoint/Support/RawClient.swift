import Foundation
import Glibc

/// A client that sends any bytes it likes and sees exactly what comes back.
final class RawClient: Sendable {
  struct Failure: Error { let call: String, code: Int32 }

  let descriptor: Int32

  init(port: Int, host: String = "127.0.0.1", receiveBuffer: Int32? = nil) throws {
    let isV6 = host.contains(":")
    descriptor = socket(isV6 ? AF_INET6 : AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { throw Failure(call: "socket", code: errno) }
    if var size = receiveBuffer { _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, 4) }
    if isV6 {
      var address = sockaddr_in6()
      address.sin6_family = sa_family_t(AF_INET6)
      address.sin6_port = in_port_t(port).bigEndian
      _ = unsafe inet_pton(AF_INET6, host, &address.sin6_addr)
      try connect(to: &address)
    } else {
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_port = in_port_t(port).bigEndian
      _ = unsafe inet_pton(AF_INET, host, &address.sin_addr)
      try connect(to: &address)
    }
  }

  init(unixPath: String) throws {
    descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { throw Failure(call: "socket", code: errno) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: unixPath.utf8) }
    try connect(to: &address)
  }

  private func connect<Address>(to address: inout Address) throws {
    let result = unsafe withUnsafePointer(to: &address) {
      unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<Address>.size))
      }
    }
    guard result == 0 else { throw Failure(call: "connect", code: errno) }
  }

  deinit { Glibc.close(descriptor) }

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

  func shutdownWrite() { shutdown(descriptor, Int32(SHUT_WR)) }

  /// Makes the kernel send a reset when the socket is closed.
  func resetOnClose() {
    var value = linger(l_onoff: 1, l_linger: 0)
    _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &value, socklen_t(MemoryLayout<linger>.size))
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
