package import Kernel
internal import KernelFormats
package import PortModel

/// Gives single sockets to those who ask about them, such as `portpool explain`. Scrapes count instead.
package struct SocketLister: Sendable {
  private let proc: ProcFileSystem

  package init(_ proc: ProcFileSystem) {
    self.proc = proc
  }

  /// Calls `body` for every socket in the tables of `/proc`. A socket may come twice, or be missing, if the table changes meanwhile.
  package func list(_ transport: TransportProtocol, until deadline: Deadline = .never, _ body: (SocketRecord) -> Void) throws(ReadError) {
    var ipv4 = try SocketTable(SocketTableFormat(transport, isIPv6: false), proc)
    try ipv4.readAll(until: deadline, body)
    var ipv6 = try SocketTable.ifPresent(SocketTableFormat(transport, isIPv6: true), proc)
    try ipv6?.readAll(until: deadline, body)
  }

  /// Calls `body` for TCP sockets that are bound and neither listen nor connect, which `/proc` does not show (Linux 6.8).
  ///
  /// inet_diag answers for the namespace of the calling thread, so this is not asked of another process's, nor of a copied tree.
  ///
  /// - Returns: what the answer is worth.
  package func listBoundOnly(until deadline: Deadline = .never, _ body: (SocketRecord) -> Void) throws(ReadError) -> BoundOnlyListing {
    let probe = BoundOnlyProbe(isNeeded: proc.isLive)
    let probePort = probe.port
    var isListed = false
    let isAsked = try ask(InetDiagRequest(.tcp, states: InetDiagRequest.mask(.boundInactive)), deadline) { record in
      isListed = true
      if record.localPort != probePort { body(record) }
    }
    withExtendedLifetime(probe) {}
    return !isAsked ? .notAsked : isListed ? .listed : .notListed
  }

  /// Whether inet_diag lists such sockets; `nil` where it cannot be asked, or no socket of our own can be had to look for.
  package var listsBoundSockets: Bool? {
    let probe = BoundOnlyProbe(isNeeded: proc.isLive)
    guard probe.port != 0, let range = PortRange(first: probe.port, last: probe.port) else { return nil }
    var isListed = false
    let isAsked = try? ask(.tcp, states: InetDiagRequest.mask(.boundInactive), .ports(range), .never) { _ in isListed = true }
    withExtendedLifetime(probe) {}
    return isAsked == true ? isListed : nil
  }

  /// Calls `body` for the sockets whose local port, in `range`, their program chose itself: by `bind` to a number.
  ///
  /// - Returns: whether the kernel could be asked.
  package func listExplicitBinds(
    _ transport: TransportProtocol, in range: PortRange, until deadline: Deadline = .never, _ body: (SocketRecord) -> Void
  ) throws(ReadError) -> Bool {
    // TIME_WAIT and half-open sockets have no bind of their own.
    let states = InetDiagRequest.connectionStates | InetDiagRequest.mask(.listen, .boundInactive)
    return try ask(transport, states: states, .explicitlyBound(range), deadline, body)
  }

  /// Calls `body` for the sockets with the local port `port`. The kernel picks them out of its table, which takes a tenth of the time that
  /// ``list(_:until:_:)`` takes over a large one; those that are only bound are among them where it lists such (Linux 6.8).
  ///
  /// - Returns: whether the kernel could be asked.
  package func list(
    _ transport: TransportProtocol, port: Port, until deadline: Deadline = .never, _ body: (SocketRecord) -> Void
  ) throws(ReadError) -> Bool {
    guard let range = PortRange(first: port, last: port) else { return false }
    return try ask(transport, states: InetDiagRequest.allStates, .ports(range), deadline, body)
  }

  private func ask(
    _ transport: TransportProtocol, states: UInt32, _ filter: InetDiagRequest.Filter, _ deadline: Deadline,
    _ body: (SocketRecord) -> Void
  ) throws(ReadError) -> Bool {
    let tables: [InetDiagRequest.Table] = transport == .tcp ? [.tcp] : AddressFamily.allCases.map { .udp($0) }
    for table in tables {
      guard try ask(InetDiagRequest(table, states: states, filter: filter), deadline, body) else { return false }
    }
    return true
  }

  private func ask(_ request: InetDiagRequest, _ deadline: Deadline, _ body: (SocketRecord) -> Void) throws(ReadError) -> Bool {
    if case .other = proc.view { return false }
    guard proc.isLive else { return false }
    do {
      var socket = try NetlinkSocket()
      var buffer = [UInt8](repeating: 0, count: InetDiagDump.bufferSize)
      _ = try InetDiagDump.run(request, on: &socket, buffer: &buffer, sequence: 1, until: deadline, body)
      return true
    } catch let error as ReadError {
      if case .systemCall = error { return false }
      throw error
    } catch {
      return false
    }
  }
}

/// What is known of TCP sockets that are bound and neither listen nor connect.
package enum BoundOnlyListing: Sendable, Hashable {
  /// The kernel lists them.
  case listed
  /// The kernel was asked and does not list them, before Linux 6.8, or no socket of our own could be made to see whether it does. That leaves open
  /// whether there are any.
  case notListed
  /// inet_diag could not be asked.
  case notAsked
}
