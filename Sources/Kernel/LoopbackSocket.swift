internal import CLinux
internal import Glibc

/// A TCP socket on 127.0.0.1 in the namespace of the calling thread, for trying which ports connect() is given. Closing it resets its connection, so
/// that nothing stays.
package struct LoopbackSocket: ~Copyable {
  package let port: UInt16
  private let descriptor: FileDescriptor

  /// A listener on a port of the kernel's choice, which waits a second at most for a connection. The corresponding C functions are `bind` and `listen`.
  package static func listening() throws(SystemCallError) -> LoopbackSocket {
    let descriptor = try make()
    var wait = timeval(tv_sec: 1, tv_usec: 0)
    let isSet = unsafe setsockopt(descriptor.rawValue, SOL_SOCKET, SO_RCVTIMEO, &wait, socklen_t(MemoryLayout<timeval>.size)) == 0
    guard isSet, unsafe call(descriptor, port: 0, { unsafe bind($0, $1, $2) }) == 0, listen(descriptor.rawValue, 8) == 0 else {
      throw .last("listen", subject)
    }
    return try LoopbackSocket(descriptor)
  }

  /// A connection to the port `destination`.
  ///
  /// - Parameter source: the one port that the kernel may choose, by `IP_LOCAL_PORT_RANGE`; `nil` for any of its pool. A port that it may not give is
  ///   `EADDRNOTAVAIL`, and a kernel without the option `ENOPROTOOPT`.
  package static func connecting(to destination: UInt16, from source: UInt16? = nil) throws(SystemCallError) -> LoopbackSocket {
    let descriptor = try make()
    if let source { try narrow(descriptor, to: source) }
    // What is in the way of the handshake is not in the way of the port, so nobody waits for it.
    _ = fcntl(descriptor.rawValue, F_SETFL, O_NONBLOCK)
    let result = unsafe call(descriptor, port: destination) { unsafe connect($0, $1, $2) }
    guard result == 0 || errno == EINPROGRESS else { throw .last("connect", subject) }
    return try LoopbackSocket(descriptor)
  }

  /// Whether a program can narrow the range for a socket. Kernel: `IP_LOCAL_PORT_RANGE` in `include/uapi/linux/in.h`.
  package static var canNarrow: Bool {
    guard let descriptor = try? make() else { return false }
    return (try? narrow(descriptor, to: 1)) != nil
  }

  private init(_ descriptor: consuming FileDescriptor) throws(SystemCallError) {
    var address = sockaddr_in()
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = unsafe withUnsafeMutablePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe getsockname(descriptor.rawValue, $0, &length) }
    }
    guard result == 0 else { throw .last("getsockname", Self.subject) }
    port = UInt16(bigEndian: address.sin_port)
    self.descriptor = descriptor
  }

  /// The next connection to a listener. The corresponding C function is `accept`.
  package func accepted() throws(SystemCallError) -> LoopbackSocket {
    let connection = accept(descriptor.rawValue, nil, nil)
    guard connection >= 0 else { throw .last("accept", Self.subject) }
    return try LoopbackSocket(FileDescriptor(owning: connection))
  }

  /// Closes it as a program does, with FIN: the end that closes first goes through FIN_WAIT2 and TIME_WAIT.
  package consuming func finish() {
    var value = linger(l_onoff: 0, l_linger: 0)
    _ = unsafe setsockopt(descriptor.rawValue, SOL_SOCKET, SO_LINGER, &value, socklen_t(MemoryLayout<linger>.size))
  }

  private static let subject = "TCP socket on 127.0.0.1"

  private static func make() throws(SystemCallError) -> FileDescriptor {
    let rawValue = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard rawValue >= 0 else { throw .last("socket", subject) }
    let descriptor = FileDescriptor(owning: rawValue)
    var value = linger(l_onoff: 1, l_linger: 0)
    guard unsafe setsockopt(rawValue, SOL_SOCKET, SO_LINGER, &value, socklen_t(MemoryLayout<linger>.size)) == 0 else {
      throw .last("setsockopt", subject)
    }
    return descriptor
  }

  private static func narrow(_ descriptor: borrowing FileDescriptor, to port: UInt16) throws(SystemCallError) {
    guard portpool_set_port_range(descriptor.rawValue, port, port) == 0 else { throw .last("setsockopt IP_LOCAL_PORT_RANGE", subject) }
  }

  /// What `body`, which is `bind` or `connect`, returns for the port.
  private static func call(
    _ descriptor: borrowing FileDescriptor, port: UInt16, _ body: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Int32
  ) -> Int32 {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    let rawValue = descriptor.rawValue
    return unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe body(rawValue, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
  }
}
