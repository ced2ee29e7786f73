internal import Glibc

/// The listening sockets that systemd opened for the program: `--web.systemd-socket`. sd_listen_fds(3)
///
/// `LISTEN_PID=4711 LISTEN_FDS=2 LISTEN_FDNAMES=portpool.socket:portpool.socket`; the descriptors begin at 3.
package enum InheritedSockets {
  private static let first: Int32 = 3

  /// The addresses to listen on.
  /// - Throws: ``EndpointError/noInheritedSocket(problem:)``
  package static func addresses() throws(EndpointError) -> [ListenAddress] {
    let wanted = try parse(
      pid: Environment.value("LISTEN_PID"), count: Environment.value("LISTEN_FDS"), names: Environment.value("LISTEN_FDNAMES"),
      own: getpid())
    for case .inherited(let descriptor, _) in wanted {
      guard option(descriptor, SO_TYPE) == Int32(SOCK_STREAM.rawValue), option(descriptor, SO_ACCEPTCONN) == 1 else {
        throw .noInheritedSocket(problem: "descriptor \(descriptor) is not a listening stream socket: use ListenStream= and Accept=no")
      }
      _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    }
    return wanted
  }

  /// What the variables say.
  package static func parse(pid: String?, count: String?, names: String?, own: Int32) throws(EndpointError) -> [ListenAddress] {
    guard let pid, let count else { throw .noInheritedSocket(problem: "LISTEN_FDS is not set") }
    guard pid == String(own) else { throw .noInheritedSocket(problem: "LISTEN_PID \(pid) is another process, this one is \(own)") }
    guard let number = Int32(count), (1...64).contains(number) else { throw .noInheritedSocket(problem: "LISTEN_FDS is \"\(count)\"") }
    let names = (names ?? "").split(separator: ":", omittingEmptySubsequences: false)
    return (0..<number).map { index in
      let name = names.indices.contains(Int(index)) ? String(names[Int(index)]) : ""
      return .inherited(descriptor: first + index, name: name.isEmpty ? "unknown" : name)
    }
  }

  /// The corresponding C function is `getsockopt`.
  private static func option(_ descriptor: Int32, _ name: Int32) -> Int32? {
    var value: Int32 = 0
    var length = socklen_t(MemoryLayout<Int32>.size)
    return unsafe getsockopt(descriptor, SOL_SOCKET, name, &value, &length) == 0 ? value : nil
  }
}
