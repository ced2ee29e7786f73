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
