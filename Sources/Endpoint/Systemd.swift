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

  /// How many sockets the service manager handed over, `nil` if none: for a server that was not told to use them.
  package static func count() -> Int? {
    let wanted = try? parse(
      pid: Environment.value("LISTEN_PID"), count: Environment.value("LISTEN_FDS"), names: nil, own: getpid())
    return wanted?.count
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

/// Reports the state of the program to the service manager: a datagram to `$NOTIFY_SOCKET`. sd_notify(3)
package struct ServiceNotifier: Sendable, Hashable {
  private let socket: String
  /// How often the manager expects a sign of life; `nil` if it does not watch. `WATCHDOG_USEC`
  package let watchdogInterval: Duration?

  /// The notifier of the process, `nil` when no manager listens.
  package static func ofProcess() -> ServiceNotifier? {
    ServiceNotifier(
      socket: Environment.value("NOTIFY_SOCKET"), watchdogMicroseconds: Environment.value("WATCHDOG_USEC"),
      watchdogPID: Environment.value("WATCHDOG_PID"), own: getpid())
  }

  /// A notifier by what the variables say.
  package init?(socket: String?, watchdogMicroseconds: String?, watchdogPID: String?, own: Int32) {
    guard let socket, socket.hasPrefix("/") || socket.hasPrefix("@") else { return nil }
    self.socket = socket
    let isMeant = watchdogPID == nil || watchdogPID == String(own)
    watchdogInterval = watchdogMicroseconds.flatMap { Int64($0) }.flatMap { isMeant && $0 > 0 ? .microseconds($0) : nil }
  }

  /// The program serves.
  package func ready(_ status: String) { send("READY=1\nSTATUS=\(status)") }
  /// The program reloads its configuration; ``ready(_:)`` ends that.
  package func reloading() {
    var time = timespec()
    _ = unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    send("RELOADING=1\nMONOTONIC_USEC=\(time.tv_sec * 1_000_000 + time.tv_nsec / 1000)")
  }
  /// What `systemctl status` shows.
  package func status(_ status: String) { send("STATUS=\(status)") }
  /// The program is about to end.
  package func stopping() { send("STOPPING=1") }
  /// The program is alive.
  package func alive() { send("WATCHDOG=1") }

  /// The corresponding C function is `sendto`. A manager that does not listen, or does not read, is no reason to stop serving: what it has no
  /// room for is lost.
  private func send(_ message: String) {
    guard var address = UnixAddress(socket) else { return }
    let descriptor = Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    let bytes = Array(message.utf8)
    _ = unsafe address.withPointer { pointer, length in
      unsafe sendto(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT), pointer, length)
    }
  }
}

/// The variables that the service manager sets.
enum Environment {
  /// The value of a variable.
  ///
  /// The corresponding C function is `getenv`.
  static func value(_ name: String) -> String? {
    unsafe getenv(name).map { unsafe String(cString: $0) }
  }
}
