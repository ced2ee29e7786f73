internal import Kernel
internal import KernelFormats
internal import PortModel

/// The kernel's inet_diag over netlink: half the cost of `/proc`, and it tells who chose a port.
///
/// A scrape makes two walks of the TCP table. The first is filtered in the kernel to pool ports that programs chose themselves, which
/// connect() is never given; it has to come first, because tuples count only the other ports. The second returns every socket of both
/// families. One walk cannot do both: no attribute of a socket in the dump tells who chose its port.
struct InetDiagSocketSource: SocketSource {
  /// How often a dump is begun again when the table changed meanwhile.
  static let attempts = 3

  func fill(_ tally: inout TCPTally, until deadline: Deadline) throws(ReadError) -> FillReport {
    try withRetries(&tally, deadline) { tally, dump throws(ReadError) in
      var isConsistent = true
      if let range = tally.settings?.range {
        let explicit = InetDiagRequest(.tcp, states: InetDiagRequest.connectionStates, filter: .explicitlyBound(range))
        isConsistent = try dump.run(explicit) { tally.bindExplicitly($0.localPort) }
      }
      return try dump.run(InetDiagRequest(.tcp)) { tally.observe($0) } && isConsistent
    }
  }

  /// One walk that the kernel filters by port. Which ports programs chose themselves is not asked again: the tally has that from before.
  func fillConnections(_ tally: inout TCPTally, until deadline: Deadline) throws(ReadError) {
    guard let range = tally.settings?.range else { return }
    var session = try DumpSession(deadline)
    let states = InetDiagRequest.connectionStates | InetDiagRequest.mask(.timeWait)
    _ = try session.run(InetDiagRequest(.tcp, states: states, filter: .ports(range))) { tally.observe($0) }
  }

  func fill(_ tally: inout UDPTally, until deadline: Deadline) throws(ReadError) -> FillReport {
    try withRetries(&tally, deadline) { tally, dump throws(ReadError) in
      var isConsistent = true
      for family in AddressFamily.allCases {
        if let range = tally.settings?.range {
          isConsistent =
            try dump.run(InetDiagRequest(.udp(family), filter: .explicitlyBound(range))) { tally.bindExplicitly($0.localPort) }
            && isConsistent
        }
        isConsistent = try dump.run(InetDiagRequest(.udp(family))) { tally.observe($0) } && isConsistent
      }
      return isConsistent
    }
  }

  private func withRetries<Tally: SocketTally & ~Copyable>(
    _ tally: inout Tally, _ deadline: Deadline,
    _ body: (inout Tally, inout DumpSession) throws(ReadError) -> Bool
  ) throws(ReadError) -> FillReport {
    var session = try DumpSession(deadline)
    for _ in 1..<Self.attempts {
      if try body(&tally, &session) { return FillReport(source: .netlink, seesBinds: true) }
      tally.restart()
    }
    let isConsistent = try body(&tally, &session)
    return FillReport(
      source: .netlink, seesBinds: true,
      problem: isConsistent ? nil : "inet_diag: the socket table changed during each of \(Self.attempts) dumps; counts may be off")
  }
}

/// A netlink socket and its buffer for one fill.
private struct DumpSession: ~Copyable {
  private var socket: NetlinkSocket
  private var buffer = [UInt8](repeating: 0, count: InetDiagDump.bufferSize)
  private var sequence: UInt32 = 0
  private let deadline: Deadline

  init(_ deadline: Deadline) throws(ReadError) {
    self.deadline = deadline
    do { socket = try NetlinkSocket() } catch { throw .systemCall(error) }
  }

  @inline(__always)
  mutating func run(_ request: InetDiagRequest, _ body: (SocketRecord) -> Void) throws(ReadError) -> Bool {
    sequence += 1
    return try InetDiagDump.run(request, on: &socket, buffer: &buffer, sequence: sequence, until: deadline, body)
  }
}
