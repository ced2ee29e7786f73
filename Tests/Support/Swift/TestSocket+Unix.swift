internal import Glibc

/// Sockets of the file system and the abstract namespace. unix(7)
extension TestSocket {
  /// A stream socket that listens at a path.
  package static func unixListener(_ path: String) throws(SystemCallFailure) -> TestSocket {
    let socket = try unsafe unix(SOCK_STREAM, path) { unsafe Glibc.bind($0, $1, $2) }
    try socket.listen(backlog: 16)
    return socket
  }

  /// A stream socket that is connected to a path.
  package static func unixClient(to path: String) throws(SystemCallFailure) -> TestSocket {
    try unsafe unix(SOCK_STREAM, path) { unsafe Glibc.connect($0, $1, $2) }
  }

  /// A datagram socket at a path, or with `@` in the abstract namespace: what a service manager listens on.
  package static func unixReceiver(_ name: String) throws(SystemCallFailure) -> TestSocket {
    try unsafe unix(SOCK_DGRAM, name) { unsafe Glibc.bind($0, $1, $2) }
  }

  /// The datagrams that have come so far, as text.
  package func receiveDatagrams() -> [String] {
    var messages: [String] = []
    var bytes = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = unsafe recv(descriptor, &bytes, bytes.count, Int32(MSG_DONTWAIT))
      guard count > 0 else { return messages }
      messages.append(String(decoding: bytes[..<count], as: UTF8.self))
    }
  }

  @unsafe private static func unix(
    _ type: __socket_type, _ name: String, _ call: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Int32
  ) throws(SystemCallFailure) -> TestSocket {
    let descriptor = socket(AF_UNIX, Int32(type.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw SystemCallFailure("socket") }
    let made = TestSocket(adopting: descriptor)
    var bytes = Array(name.utf8)
    let isAbstract = bytes.first == UInt8(ascii: "@")
    if isAbstract { bytes[0] = 0 }
    guard bytes.count < 108 else { throw SystemCallFailure("sockaddr_un \(name)", ENAMETOOLONG) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
    let length = socklen_t(MemoryLayout<sa_family_t>.size + bytes.count + (isAbstract ? 0 : 1))
    let result = unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe call(descriptor, $0, length) }
    }
    guard result == 0 else { throw SystemCallFailure("unix socket \(name)") }
    return made
  }
}
