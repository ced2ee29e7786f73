internal import CLinux
internal import Glibc

/// Something that answers netlink requests: the kernel, or in tests a peer that answers wrongly.
package protocol NetlinkChannel: ~Copyable {
  mutating func send(_ request: [UInt8]) throws(SystemCallError)
  /// Waits for a datagram and returns its length. One that does not fit into `buffer` is an error (`EMSGSIZE`).
  mutating func receive(into buffer: inout [UInt8]) throws(SystemCallError) -> Int
}

/// A netlink socket to sock_diag. It belongs to the namespace of the thread that opened it, and may be used on any.
package struct NetlinkSocket: ~Copyable, NetlinkChannel {
  private static let name = "netlink sock_diag"
  private let descriptor: FileDescriptor

  /// The corresponding C function is `socket`.
  package init() throws(SystemCallError) {
    let rawValue = portpool_sock_diag_open(5)
    guard rawValue >= 0 else { throw .last("socket", Self.name) }
    descriptor = FileDescriptor(owning: rawValue)
  }

  /// The corresponding C function is `sendto`.
  package mutating func send(_ request: [UInt8]) throws(SystemCallError) {
    let count = unsafe request.withUnsafeBytes { unsafe portpool_netlink_send(descriptor.rawValue, $0.baseAddress, $0.count) }
    guard count == request.count else { throw .last("send", Self.name) }
  }

  /// The corresponding C function is `recvfrom`.
  package mutating func receive(into buffer: inout [UInt8]) throws(SystemCallError) -> Int {
    while true {
      let count = unsafe buffer.withUnsafeMutableBytes {
        unsafe portpool_netlink_receive(descriptor.rawValue, $0.baseAddress, $0.count)
      }
      if count > buffer.count { throw SystemCallError(call: "receive", subject: Self.name, code: EMSGSIZE) }
      if count >= 0 { return Int(count) }
      guard errno == EINTR else { throw .last("receive", Self.name) }
    }
  }
}
