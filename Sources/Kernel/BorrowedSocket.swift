internal import CLinux
internal import Glibc
package import PortModel

/// A socket that another process has open, through a descriptor of our own: what no table tells of it, it tells itself.
///
/// The corresponding C functions are `pidfd_open` and `pidfd_getfd` (Linux 5.6). It takes the right to trace the process.
package struct BorrowedSocket: ~Copyable {
  private let descriptor: FileDescriptor

  /// - Parameter number: the descriptor's number in the process.
  package init(_ number: Int32, of process: borrowing ProcessHandle) throws(SystemCallError) {
    let rawValue = portpool_pidfd_getfd(process.descriptor.rawValue, number)
    guard rawValue >= 0 else { throw .last("pidfd_getfd", "descriptor \(number)") }
    descriptor = FileDescriptor(owning: rawValue)
  }

  /// The number that `/proc` and inet_diag know it by; 0 if it cannot be had. The corresponding C function is `fstat`.
  package var inode: UInt64 {
    var status = stat()
    return unsafe fstat(descriptor.rawValue, &status) == 0 ? UInt64(status.st_ino) : 0
  }

  /// Whether it is TCP, MPTCP included. The corresponding C function is `getsockopt` with `SO_PROTOCOL`.
  package var isTCP: Bool { [6, 262].contains(option(SOL_SOCKET, 38)) }

  /// Whether its program gave it a range of its own, with `IP_LOCAL_PORT_RANGE`.
  package var hasOwnRange: Bool { (option(0, 51) ?? 0) != 0 }

  /// The inode of the network namespace that it is in, which need not be its program's; `nil` where that may not be asked. ioctl `SIOCGSKNS`.
  package var namespace: NetworkNamespaceID? {
    let number = portpool_socket_namespace(descriptor.rawValue)
    return number == 0 ? nil : NetworkNamespaceID(rawValue: number)
  }

  /// The address and port that it is bound to; `nil` for one without a port, and of another kind than IP. The corresponding C function is `getsockname`.
  package var local: (address: IPAddress, port: Port)? {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    let bytes = unsafe withUnsafeMutablePointer(to: &storage) { pointer -> [UInt8]? in
      let result = unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe getsockname(descriptor.rawValue, $0, &length)
      }
      return result == 0 ? unsafe withUnsafeBytes(of: &pointer.pointee) { unsafe Array($0.prefix(28)) } : nil
    }
    guard let bytes else { return nil }
    func number(_ range: Range<Int>) -> UInt64 { bytes[range].reduce(0) { $0 << 8 | UInt64($1) } }
    let port = Port(truncatingIfNeeded: number(2..<4))
    guard port != 0 else { return nil }
    switch Int32(storage.ss_family) {
    case AF_INET: return (IPAddress(ipv4: UInt32(truncatingIfNeeded: number(4..<8))), port)
    case AF_INET6: return (IPAddress(high: number(8..<16), low: number(16..<24)), port)
    default: return nil
    }
  }

  private func option(_ level: Int32, _ name: Int32) -> Int32? {
    var value: Int32 = 0
    var length = socklen_t(MemoryLayout<Int32>.size)
    return unsafe getsockopt(descriptor.rawValue, level, name, &value, &length) == 0 ? value : nil
  }
}

/// A process that stays the same one, whoever gets its number later.
package struct ProcessHandle: ~Copyable {
  let descriptor: FileDescriptor

  /// The corresponding C function is `pidfd_open` (Linux 5.3).
  package init(_ pid: Int32) throws(SystemCallError) {
    let rawValue = portpool_pidfd_open(pid)
    guard rawValue >= 0 else { throw .last("pidfd_open", "process \(pid)") }
    descriptor = FileDescriptor(owning: rawValue)
  }
}
