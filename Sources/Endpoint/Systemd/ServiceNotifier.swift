internal import Glibc

/// Tells the service manager how the program is: a datagram to `$NOTIFY_SOCKET`. sd_notify(3)
package struct ServiceNotifier: Sendable, Hashable {
  private let socket: String
  /// How often the manager wants to hear that the program lives; `nil` when it does not watch. `WATCHDOG_USEC`
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
  /// The program reads its configuration anew; ``ready(_:)`` ends it.
  package func reloading() {
    var time = timespec()
    _ = unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    send("RELOADING=1\nMONOTONIC_USEC=\(time.tv_sec * 1_000_000 + time.tv_nsec / 1000)")
  }
  /// The program is about to end.
  package func stopping() { send("STOPPING=1") }
  /// The program lives.
  package func alive() { send("WATCHDOG=1") }

  /// The corresponding C function is `sendto`. A manager that does not listen is no reason to stop serving.
  private func send(_ message: String) {
    let descriptor = Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0, var address = UnixAddress(socket) else { return }
    defer { close(descriptor) }
    let bytes = Array(message.utf8)
    _ = unsafe address.withPointer { pointer, length in
      unsafe sendto(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL), pointer, length)
    }
  }
}
