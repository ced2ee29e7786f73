internal import Glibc
internal import NIOCore

/// The file of a unix socket: what an earlier run left behind is removed, what someone uses is not. unix(7)
enum UnixSocketFile {
  /// Makes way for a new socket.
  /// - Throws: ``EndpointError/cannotListen(address:cause:remedy:)`` when a program listens there, or the file is no socket.
  static func makeWay(for path: String) throws(EndpointError) {
    var status = stat()
    guard unsafe lstat(path, &status) == 0 else { return }
    guard status.st_mode & S_IFMT == S_IFSOCK else {
      throw .cannotListen(
        address: .unixSocket(path: path), cause: "a file that is not a socket is in the way", remedy: "remove it, or choose another path")
    }
    guard !isAnswered(path) else {
      throw .cannotListen(
        address: .unixSocket(path: path), cause: "another program listens on this socket",
        remedy: "`ss -lxp src \(path)` names it; stop it, or choose another path")
    }
    _ = unsafe unlink(path)
  }

  /// A stream socket with its file at `path`. It does not listen yet.
  ///
  /// The corresponding C functions are `socket` and `bind`.
  static func bind(to path: String) throws -> CInt {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
    guard descriptor >= 0 else { throw IOError(errnoCode: errno, reason: "socket") }
    guard var address = UnixAddress(path), unsafe address.withPointer({ unsafe Glibc.bind(descriptor, $0, $1) }) == 0 else {
      let error = IOError(errnoCode: errno, reason: "bind")
      close(descriptor)
      throw error
    }
    return descriptor
  }

  /// Removes the file, unless another one is at its path by now. To be called while the socket is open, which keeps the number of its file
  /// from being given to another.
  ///
  /// The corresponding C function is `unlink`.
  static func remove(_ file: Identity, at path: String) {
    guard Identity(path) == file else { return }
    _ = unsafe unlink(path)
  }

  /// Tells a file from another that takes its path later.
  struct Identity: Sendable, Hashable {
    private let device: UInt64
    private let inode: UInt64

    /// The file at `path`, which may be a symbolic link; `nil` if there is none.
    ///
    /// The corresponding C function is `lstat`.
    init?(_ path: String) {
      var status = stat()
      guard unsafe lstat(path, &status) == 0 else { return nil }
      device = UInt64(status.st_dev)
      inode = UInt64(status.st_ino)
    }
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
