internal import Glibc

/// The file of a unix socket: what an earlier run left behind is removed, what someone uses is not. unix(7)
enum UnixSocketFile {
  /// Makes way for a new socket.
  /// - Throws: ``EndpointError/cannotListen(address:cause:remedy:)`` when a program listens there, or the file is no socket.
  static func makeWay(for path: String) throws(EndpointError) {
    var status = stat()
    guard unsafe lstat(path, &status) == 0 else { return }
    guard status.st_mode & S_IFMT == S_IFSOCK else {
      throw .cannotListen(
        address: .unixSocket(path: path), cause: "there is a file that is no socket", remedy: "remove it, or choose another path")
    }
    guard !isAnswered(path) else {
      throw .cannotListen(
        address: .unixSocket(path: path), cause: "another program listens on this socket",
        remedy: "`ss -lxp src \(path)` names it; stop it, or choose another path")
    }
    _ = unsafe unlink(path)
  }

  /// Removes the file of a socket that is closed.
  ///
  /// The corresponding C function is `unlink`.
  static func remove(_ path: String) {
    _ = unsafe unlink(path)
  }

  /// Whether a program accepts connections there. A full queue counts as one.
  private static func isAnswered(_ path: String) -> Bool {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
    guard descriptor >= 0 else { return true }
    defer { close(descriptor) }
    guard var address = UnixAddress(path) else { return true }
    let result = unsafe address.withPointer { pointer, length in unsafe connect(descriptor, pointer, length) }
    return result == 0 || errno != ECONNREFUSED
  }
}

/// The address of a unix socket for a system call: a path, or a name that begins with `@` in the abstract namespace.
///
/// The corresponding C type is `sockaddr_un`.
struct UnixAddress {
  private var address = sockaddr_un()
  private let length: socklen_t

  /// `nil` when the text is longer than the 107 bytes that fit.
  init?(_ text: String) {
    var bytes = Array(text.utf8)
    guard !bytes.isEmpty, bytes.count < 108 else { return nil }
    if bytes[0] == UInt8(ascii: "@") { bytes[0] = 0 }
    address.sun_family = sa_family_t(AF_UNIX)
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
    // A path ends with its NUL; an abstract name ends where the length says.
    length = socklen_t(MemoryLayout<sa_family_t>.size + bytes.count + (bytes[0] == 0 ? 0 : 1))
  }

  /// Hands the address to a system call.
  @unsafe mutating func withPointer<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
    let length = length
    return unsafe withUnsafePointer(to: &address) {
      unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe body($0, length) }
    }
  }
}
