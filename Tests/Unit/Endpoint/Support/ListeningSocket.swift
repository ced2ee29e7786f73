import Glibc

/// A file of a socket that a test made.
enum UnixPath {
  static func remove(_ path: String) { _ = unsafe unlink(path) }
}

/// A listening socket that a test opens by itself: on a loopback port of the kernel's choice, or at a path.
final class ListeningSocket: Sendable {
  let descriptor: Int32
  /// 0 for one at a path.
  let port: Int

  init() throws {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    self.descriptor = descriptor
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    try Self.bind(descriptor, &address)
    guard listen(descriptor, 16) == 0 else { throw RawClient.Failure(call: "listen", code: errno) }
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    _ = unsafe withUnsafeMutablePointer(to: &address) {
      unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe getsockname(descriptor, $0, &length) }
    }
    port = Int(UInt16(bigEndian: address.sin_port))
  }

  init(unixPath: String) throws {
    descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    port = 0
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: unixPath.utf8) }
    try Self.bind(descriptor, &address)
    guard listen(descriptor, 16) == 0 else { throw RawClient.Failure(call: "listen", code: errno) }
  }

  deinit { close(descriptor) }

  private static func bind<Address>(_ descriptor: Int32, _ address: inout Address) throws {
    let result = unsafe withUnsafePointer(to: &address) {
      unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe Glibc.bind(descriptor, $0, socklen_t(MemoryLayout<Address>.size))
      }
    }
    guard result == 0 else { throw RawClient.Failure(call: "bind", code: errno) }
  }
}
