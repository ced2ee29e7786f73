package import PortModel

/// A question to inet_diag, as bytes for a netlink socket.
///
/// Kernel: `include/uapi/linux/inet_diag.h`, `net/ipv4/inet_diag.c`. No extension is asked for: each one costs the kernel time and bytes.
package struct InetDiagRequest: Sendable, Hashable {
  /// Which table is walked.
  package enum Table: Sendable, Hashable {
    /// `TCPDIAG_GETSOCK`: TCP sockets of both families in one walk.
    case tcp
    /// `SOCK_DIAG_BY_FAMILY`: UDP sockets of one family.
    case udp(AddressFamily)

    /// As messages name it: `tcp`, `udp IPv6`.
    package var name: String {
      switch self {
      case .tcp: "tcp"
      case .udp(.ipv4): "udp IPv4"
      case .udp(.ipv6): "udp IPv6"
      }
    }
  }

  package let table: Table
  /// One bit for each ``SocketState`` that is wanted.
  package let states: UInt32
  /// What the kernel leaves out before it answers.
  package let filter: Filter?

  package enum Filter: Sendable, Hashable {
    /// Only sockets with a local port in this range.
    case ports(PortRange)
    /// Of those, only sockets that a program bound to a port of its choice.
    case explicitlyBound(PortRange)
    /// All other sockets than those, whatever their port.
    case notExplicitlyBound(PortRange)
    /// All sockets except the connected ones of those. What only listens or is bound has no remote port, and stays. So does what has a
    /// port of `except`, which are ranges in ascending order.
    case notExplicitlyConnected(PortRange, except: [PortRange])
  }

  /// Every state there is, bound-only sockets (Linux 6.8) included; kernels ignore bits they do not know.
  package static let allStates: UInt32 = 0x3FFE

  /// The states of a connection that may still have the bind of its program: not LISTEN, TIME_WAIT, half-open or bound-only.
  package static let connectionStates = allStates & ~mask(.listen, .timeWait, .newSynReceived, .synReceived, .boundInactive)

  /// The bits of `states`.
  package static func mask(_ states: SocketState...) -> UInt32 {
    var mask: UInt32 = 0
    for state in states { mask |= 1 << UInt32(state.rawValue) }
    return mask
  }

  package init(_ table: Table, states: UInt32 = allStates, filter: Filter? = nil) {
    self.table = table
    self.states = states
    self.filter = filter
  }

  /// The message, header included.
  package func encoded(sequence: UInt32) -> [UInt8] {
    var body: [UInt8] = []
    switch table {
    case .tcp:
      // struct inet_diag_req: family, src_len, dst_len, ext; id (48 bytes); states; dbs.
      body += [0, 0, 0, 0]
      body += [UInt8](repeating: 0, count: 48)
      body.append(host: states)
      body.append(host: UInt32(0))
    case .udp(let family):
      // struct inet_diag_req_v2: family, protocol, ext, pad; states; id (48 bytes).
      body += [family == .ipv4 ? Self.inet : Self.inet6, Self.udp, 0, 0]
      body.append(host: states)
      body += [UInt8](repeating: 0, count: 48)
    }
    if let filter {
      let code = Self.bytecode(filter)
      body.append(host: UInt16(4 + code.count))
      body.append(host: Self.bytecodeAttribute)
      body += code
    }
    return Netlink.request(table == .tcp ? Self.tcpDiagGetSock : Self.sockDiagByFamily, sequence: sequence, body)
  }

  static let inet: UInt8 = 2
  static let inet6: UInt8 = 10
  private static let udp: UInt8 = 17
  static let tcpDiagGetSock: UInt16 = 18
  static let sockDiagByFamily: UInt16 = 20
  /// `INET_DIAG_REQ_BYTECODE`
  private static let bytecodeAttribute: UInt16 = 1

  /// Port at least `first` and at most `last`, and then `INET_DIAG_BC_AUTO`, which is true for a port that the kernel chose.
  ///
  /// Each instruction has the distance to go when it holds and when it does not; the end means that the socket is wanted, beyond it that it
  /// is not. The checker of the kernel wants every "yes" to lead to the end, hence the jump behind AUTO.
  private static func bytecode(_ filter: Filter) -> [UInt8] {
    var code: [UInt8] = []
    func instruction(_ operation: UInt8, yes: UInt8, no: UInt16) {
      code += [operation, yes]
      code.append(host: no)
    }
    /// Goes on with what follows when the port is in `range`, and `outside` bytes from there when it is not.
    func bounds(_ range: PortRange, outside: UInt16) {
      instruction(2, yes: 8, no: 16 + outside)  // S_GE
      instruction(0, yes: 0, no: range.first)
      instruction(3, yes: 8, no: 8 + outside)  // S_LE
      instruction(0, yes: 0, no: range.last)
    }
    switch filter {
    case .ports(let range): bounds(range, outside: 4)
    case .explicitlyBound(let range):
      bounds(range, outside: 12)
      instruction(6, yes: 4, no: 8)  // AUTO
      instruction(1, yes: 4, no: 8)  // JMP
    case .notExplicitlyBound(let range):
      bounds(range, outside: 4)
      instruction(6, yes: 4, no: 8)  // AUTO
    case .notExplicitlyConnected(let range, let exceptions):
      bounds(range, outside: UInt16(exceptions.count * 20 + 12))
      for (index, exception) in exceptions.enumerated() {
        let rest = UInt16((exceptions.count - index) * 20)
        instruction(2, yes: 8, no: rest)  // S_GE: what is below this range is below all that follow
        instruction(0, yes: 0, no: exception.first)
        instruction(3, yes: 8, no: 12)  // S_LE
        instruction(0, yes: 0, no: exception.last)
        instruction(1, yes: 4, no: rest - 4)  // JMP
      }
      instruction(4, yes: 8, no: 12)  // D_GE
      instruction(0, yes: 0, no: 1)
      instruction(6, yes: 4, no: 8)  // AUTO
    }
    return code
  }
}
