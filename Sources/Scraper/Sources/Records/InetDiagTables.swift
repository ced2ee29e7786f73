internal import Kernel
internal import KernelFormats
internal import PortModel

/// The kernel's inet_diag over netlink: half the cost of `/proc`, and it tells who chose a port. It answers for the namespace of the thread that
/// asks.
///
/// A pool port that a program chose itself is one that connect() is never given, and tuples count only the others. No attribute of a socket
/// in a dump tells who chose its port; only a filter in the kernel knows, and a walk costs a fifth of a full one even if nothing passes. So
/// there are two ways to read the TCP table:
///
/// - In two walks. The first returns the connections on chosen ports, which have to be known before the others are counted; the second
///   returns every socket.
/// - In one walk, which leaves those connections out, while none is known. If it returns as many as the kernel's running count says, before
///   and after, nothing was left out. Otherwise a second walk returns what was. Only if a port that it names turns out to be one that the first
///   walk counted into a tuple, the table is read once more.
///
/// Neither sockets that are bound and nothing more nor connections on reserved ports take a second walk: the first one returns both.
///
/// What the one walk can miss: connections that come and go meanwhile can make up for those left out, and no walk is more exact than
/// that; and a connection from a chosen port that was reset and is still held by its program looks like them but is not in the running count. So
/// every ``oneWalkLimit`` walks the table is read in two.
struct InetDiagTables<Channel: NetlinkChannel & ~Copyable>: RecordTables {
  /// How often a dump is tried if the table changes meanwhile.
  private static var attempts: Int { 3 }
  /// How many times in a row one walk is enough.
  private static var oneWalkLimit: Int { 8 }
  /// How many ranges of reserved ports the kernel is told. Connections on further ones take a second walk.
  private static var exceptionLimit: Int { 32 }

  private let open: () throws(SystemCallError) -> Channel
  /// Whether this kernel lists bound sockets that neither listen nor connect; `nil` until one has been seen, or one of our own looked for.
  private var listsBoundOnly: Bool?

  /// How many times one walk will do from here on, by namespace; `nil` is the scraper's own.
  private var oneWalksLeft: [NetworkNamespaceID?: Int] = [:]

  /// - Parameter open: makes a socket to sock_diag in the namespace of the calling thread.
  init(opening open: @escaping () throws(SystemCallError) -> Channel) {
    self.open = open
  }

  var name: SourceName { .netlink }
  var fallbackRemark: String { "asking inet_diag instead, which has to list every socket" }
  func reaches(_ view: NamespaceView) -> Bool { view.isInside }

  mutating func retain(_ namespaces: Set<NetworkNamespaceID>) {
    oneWalksLeft.retain(namespaces)
  }

  mutating func readTCP(into tally: inout TCPTally, _ view: NamespaceView, until deadline: Deadline) throws(ReadError) -> RecordReport {
    var oneWalks = oneWalksLeft[view.id] ?? 0
    defer { oneWalksLeft[view.id] = oneWalks }
    let probe = BoundOnlyProbe(isNeeded: listsBoundOnly == nil)
    let probePort = probe.port
    var isProbeListed = false
    /// - Returns: whether the table stayed the same meanwhile.
    func walk(_ tally: inout TCPTally, _ dump: inout DumpSession<Channel>) throws(ReadError) -> Bool {
      func count(_ record: SocketRecord) {
        if record.localPort == probePort, record.state == .close { isProbeListed = true } else { tally.observe(record) }
      }
      guard let settings = tally.settings else { return try dump.run(InetDiagRequest(.tcp)) { count($0) } }
      let explicit = InetDiagRequest(.tcp, states: InetDiagRequest.connectionStates, filter: .explicitlyBound(settings.range))
      var isConsistent = true
      var chosen = PortSet()
      if oneWalks > 0 {
        oneWalks -= 1
        let exceptions = Array(settings.reservedRanges.prefix(Self.exceptionLimit))
        let others = InetDiagRequest(.tcp, filter: .notExplicitlyConnected(settings.range, except: exceptions))
        let total = Self.totals?.tcp
        isConsistent = try dump.run(others) { count($0) }
        if let total, total == UInt64(tally.counts.inRunningCount), total == Self.totals?.tcp { return isConsistent }
        isConsistent =
          try dump.run(explicit) { record in
            // The first walk returned those, as far as the kernel was told of them.
            if exceptions.contains(where: { $0.contains(record.localPort) }) { return }
            chosen.insert(record.localPort)
            tally.bindExplicitly(record.localPort)
            tally.observe(record)
          } && isConsistent
        if chosen.countCommon(with: tally.pool) > 0 { oneWalks = 0 }
        guard tally.hasLateBlock else { return isConsistent }
        tally.restart()
      } else {
        isConsistent = try dump.run(explicit) { chosen.insert($0.localPort) }
      }
      chosen.forEach { tally.bindExplicitly($0) }
      isConsistent = try dump.run(InetDiagRequest(.tcp)) { count($0) } && isConsistent
      oneWalks = chosen.countCommon(with: tally.pool) > 0 || tally.hasResetConnection ? 0 : Self.oneWalkLimit
      return isConsistent
    }
    var report = try withRetries(&tally, deadline) { tally, dump throws(ReadError) in
      let isConsistent = try walk(&tally, &dump)
      guard let range = tally.settings?.range, tally.ports.listener.count > 0 else { return isConsistent }
      // Listeners have a table of their own, which is small: this walks no connection.
      let listeners = InetDiagRequest(.tcp, states: InetDiagRequest.mask(.listen), filter: .explicitlyBound(range))
      return try dump.run(listeners) { tally.listenExplicitly($0.localPort) } && isConsistent
    }
    if isProbeListed || tally.counts.total(.close) > 0 {
      listsBoundOnly = true
    } else if probePort != 0 {
      listsBoundOnly = false
    }
    withExtendedLifetime(probe) {}
    report.seesBoundOnly = listsBoundOnly ?? false
    return report
  }

  /// One walk that the kernel filters by port. Which ports programs chose themselves is not asked again: the tally knows that already.
  mutating func readConnections(into tally: inout TCPTally, _ view: NamespaceView, until deadline: Deadline) throws(ReadError) {
    guard let range = tally.settings?.range else { return }
    var session = DumpSession(try ReadError.wrapping(try open()), deadline)
    let states = InetDiagRequest.connectionStates | InetDiagRequest.mask(.timeWait)
    _ = try session.run(InetDiagRequest(.tcp, states: states, filter: .ports(range))) { tally.observe($0) }
  }

  mutating func readUDP(into tally: inout UDPTally, _ view: NamespaceView, until deadline: Deadline) throws(ReadError) -> RecordReport {
    try withRetries(&tally, deadline) { tally, dump throws(ReadError) in
      let range = tally.settings?.range
      let total = Self.totals?.udp
      var isConsistent = true
      for family in AddressFamily.allCases {
        let others = InetDiagRequest(.udp(family), filter: range.map { .notExplicitlyBound($0) })
        isConsistent = try dump.run(others) { tally.observe($0) } && isConsistent
      }
      guard let range, total != UInt64(tally.counts.total) || total != Self.totals?.udp else { return isConsistent }
      for family in AddressFamily.allCases {
        let explicit = InetDiagRequest(.udp(family), filter: .explicitlyBound(range))
        isConsistent =
          try dump.run(explicit) { tally.observeChosen($0) } && isConsistent
      }
      return isConsistent
    }
  }

  /// One question for each, which the kernel answers out of its hash table, without a walk. What goes wrong leaves the answer open.
  mutating func usesTimestamps(_ connections: [InetDiagLookup], _ view: NamespaceView, until deadline: Deadline) -> [Bool?] {
    guard !connections.isEmpty, var session = try? DumpSession(open(), deadline) else { return [] }
    return connections.map { connection in
      deadline.hasPassed ? nil : (try? session.look(up: connection)) ?? nil
    }
  }

  /// The kernel's running count for the namespace of the calling thread, which is the one that inet_diag answers for. `nil` where it does
  /// not show.
  private static var totals: SocketTotals? { try? SocketTotals(reading: ProcFileSystem(view: .thread)) }

  private func withRetries<Tally: SocketTally & ~Copyable>(
    _ tally: inout Tally, _ deadline: Deadline,
    _ body: (inout Tally, inout DumpSession<Channel>) throws(ReadError) -> Bool
  ) throws(ReadError) -> RecordReport {
    var session = DumpSession(try ReadError.wrapping(try open()), deadline)
    for _ in 1..<Self.attempts {
      if try body(&tally, &session) { return RecordReport(seesExplicitBinds: true) }
      tally.restart()
    }
    let isConsistent = try body(&tally, &session)
    return RecordReport(
      seesExplicitBinds: true,
      problem: isConsistent ? nil : "inet_diag: the socket table changed during each of \(Self.attempts) dumps; counts may be off")
  }
}

/// A bound socket of our own, to see whether the kernel lists such sockets. Before Linux 6.8 it ignores the bit that asks for them and answers with
/// nothing, which does not mean that there are none.
///
/// It is there during a walk that is made anyway, since one for this alone would pass every socket of the host.
struct BoundOnlyProbe: ~Copyable {
  private let socket: BoundSocket?

  /// Where none can be made, as in a full pool, the question stays open.
  init(isNeeded: Bool) {
    socket = isNeeded ? try? BoundSocket() : nil
  }

  /// 0 without a socket.
  var port: Port {
    switch socket {
    case .some(let socket): socket.port
    case .none: 0
    }
  }
}

/// A netlink socket and its buffer for one table.
private struct DumpSession<Channel: NetlinkChannel & ~Copyable>: ~Copyable {
  private var socket: Channel
  private var buffer = [UInt8](repeating: 0, count: InetDiagDump.bufferSize)
  private var sequence: UInt32 = 0
  private let deadline: Deadline

  init(_ socket: consuming Channel, _ deadline: Deadline) {
    self.socket = socket
    self.deadline = deadline
  }

  @inline(__always)
  mutating func run(_ request: InetDiagRequest, _ body: (SocketRecord) -> Void) throws(ReadError) -> Bool {
    sequence += 1
    return try InetDiagDump.run(request, on: &socket, buffer: &buffer, sequence: sequence, until: deadline, body)
  }

  mutating func look(up lookup: InetDiagLookup) throws -> Bool? {
    sequence += 1
    try socket.send(lookup.encoded(sequence: sequence))
    let length = try socket.receive(into: &buffer)
    return try lookup.usesTimestamps(buffer.span.extracting(first: length), sequence: sequence)
  }
}
