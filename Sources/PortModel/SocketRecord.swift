/// One socket of the kernel's tables, as `/proc/net/tcp` and inet_diag both describe it.
package struct SocketRecord: Sendable, Hashable {
  package var transport: TransportProtocol
  package var state: SocketState
  /// The socket meets no IPv4 socket: `IPV6_V6ONLY`, or bound to an IPv6 unicast address. Always `false` for IPv4.
  ///
  /// Kernel: `ipv6_only_sock`, `sk_ipv6only`.
  package var isIPv6Only: Bool
  package var localPort: Port
  package var remotePort: Port
  /// Until TIME_WAIT ends, or FIN_WAIT2 without an owner, in milliseconds; 0 in every other state.
  package var timeWaitRemaining: UInt32
  /// The number of the device that the socket is bound to, by `SO_BINDTODEVICE` or by a link-local address; 0 for none, and in `/proc`, which does
  /// not tell.
  package var device: UInt32
  package var local: IPAddress
  package var remote: IPAddress
  /// The owner's user number. A socket without an owner shows 0, which then does not mean root.
  package var uid: UInt32
  /// 0 when no process owns the socket: TIME_WAIT, a connection its process has closed, a half-open connection.
  package var inode: UInt64

  @inlinable
  package init(
    transport: TransportProtocol, state: SocketState, local: IPAddress, localPort: Port, remote: IPAddress, remotePort: Port,
    isIPv6Only: Bool = false, timeWaitRemaining: UInt32 = 0, device: UInt32 = 0, uid: UInt32 = 0, inode: UInt64 = 0
  ) {
    self.transport = transport
    self.state = state
    self.isIPv6Only = isIPv6Only
    self.localPort = localPort
    self.remotePort = remotePort
    self.timeWaitRemaining = timeWaitRemaining
    self.device = device
    self.local = local
    self.remote = remote
    self.uid = uid
    self.inode = inode
  }

  @inlinable package var family: AddressFamily { local.family }
}
