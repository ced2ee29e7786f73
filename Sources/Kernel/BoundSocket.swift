internal import Glibc

/// A TCP socket that is bound to a port of the kernel's choice and does nothing more, as long as the value lives.
package struct BoundSocket: ~Copyable {
  package let port: UInt16
  private let descriptor: FileDescriptor

  /// Binds `0.0.0.0` in the namespace of the calling thread. The corresponding C functions are `socket`, `bind` and `getsockname`.
  package init() throws(SystemCallError) {
    let subject = "TCP socket"
    let rawValue = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard rawValue >= 0 else { throw .last("socket", subject) }
    let descriptor = FileDescriptor(owning: rawValue)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = unsafe withUnsafeMutablePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe bind(rawValue, $0, length) == 0 && getsockname(rawValue, $0, &length) == 0
      }
    }
    guard isBound else { throw .last("bind", subject) }
    self.descriptor = descriptor
    port = UInt16(bigEndian: address.sin_port)
  }
}
