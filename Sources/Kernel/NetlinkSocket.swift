internal import CLinux
internal import Glibc

/// Something that answers netlink requests: the kernel, or in tests a peer that answers wrongly.
package protocol NetlinkChannel: ~Copyable {
  mutating func send(_ request: [UInt8]) throws(SystemCallError)
  /// Waits for a datagram and returns its length. One that does not fit into `buffer` is an error (`EMSGSIZE`).
  mutating func receive(into buffer: inout [UInt8]) throws(SystemCallError) -> Int
}

/// A netlink socket. It belongs to the network namespace of the thread that opened it, and may be used on any.
package struct NetlinkSocket: ~Copyable, NetlinkChannel {
  private let name: String
  private let descriptor: FileDescriptor

  /// A socket to sock_diag. The corresponding C function is `socket`.
  package init() throws(SystemCallError) {
    try self.init("netlink sock_diag", NETLINK_SOCK_DIAG)
  }

  /// A socket to rtnetlink whose dumps heed the filters in their questions.
  ///
  /// - Throws: `ENOPROTOOPT` before Linux 4.20.
  package static func routes() throws(SystemCallError) -> NetlinkSocket {
    let socket = try NetlinkSocket("netlink route", NETLINK_ROUTE)
    guard portpool_netlink_check_strictly(socket.descriptor.rawValue) == 0 else { throw .last("setsockopt", socket.name) }
    return socket
  }

  /// A socket to nfnetlink: connection tracking and nf_tables, which both take CAP_NET_ADMIN to be asked.
  package static func netfilter() throws(SystemCallError) -> NetlinkSocket { try NetlinkSocket("netlink netfilter", NETLINK_NETFILTER) }

  private init(_ name: String, _ netlinkProtocol: Int32) throws(SystemCallError) {
    let rawValue = portpool_netlink_open(netlinkProtocol, 5)
    guard rawValue >= 0 else { throw .last("socket", name) }
    self.name = name
    descriptor = FileDescriptor(owning: rawValue)
  }

  /// The corresponding C function is `sendto`.
  package mutating func send(_ request: [UInt8]) throws(SystemCallError) {
    let count = unsafe request.withUnsafeBytes { unsafe portpool_netlink_send(descriptor.rawValue, $0.baseAddress, $0.count) }
    guard count == request.count else { throw .last("send", name) }
  }

  /// The corresponding C function is `recvfrom`.
  package mutating func receive(into buffer: inout [UInt8]) throws(SystemCallError) -> Int {
    while true {
      let count = unsafe buffer.withUnsafeMutableBytes {
        unsafe portpool_netlink_receive(descriptor.rawValue, $0.baseAddress, $0.count)
      }
      if count > buffer.count { throw SystemCallError(call: "receive", subject: name, code: EMSGSIZE) }
      if count >= 0 { return Int(count) }
      guard errno == EINTR else { throw .last("receive", name) }
    }
  }
}
