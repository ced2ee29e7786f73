internal import Kernel
internal import PortModel
internal import Scraper

/// The single sockets that a diagnosis names programs for.
struct SuspectSockets: Sendable {
  /// TCP listeners. Those on ports the kernel chose are left out where it tells: they have another port after the next start, and reserving this
  /// one helps nobody.
  private(set) var listeners: [SocketRecord] = []
  /// UDP receivers on ports that their program chose: servers, and sockets that a resolver has for a query or a relay for a call.
  private(set) var receivers: [SocketRecord] = []
  /// Connections of the second parity whose program did not choose the port.
  private(set) var earlyBinders: [SocketRecord] = []
  private(set) var closeWait: Set<SocketRecord> = []
  /// Sockets on pool ports that their programs chose, listeners included.
  private(set) var blockers: [SocketRecord] = []
  /// The sockets of the tuples asked for.
  private(set) var tuples: [Tuple: [SocketRecord]] = [:]
  /// TCP sockets on pool ports that some program has open, if they are asked for.
  private(set) var tcp: [SocketRecord] = []
  /// UDP sockets on pool ports.
  private(set) var udp: [SocketRecord] = []

  /// - Parameters:
  ///   - tuples: those whose sockets are kept.
  ///   - keepsTCP: whether ``tcp`` is asked for.
  init(
    reading proc: ProcFileSystem, _ settings: PoolSettings, tuples wanted: Set<Tuple> = [], keepsTCP: Bool = false
  ) throws(ReadError) {
    let lister = SocketLister(proc)
    let pool = settings.pool
    let everyPort = PortRange(first: 0, last: 65535) ?? settings.range
    var chosen: [TransportProtocol: Set<UInt64>] = [:]
    for transport in TransportProtocol.allCases {
      var inodes: Set<UInt64> = []
      let isTold = try lister.listExplicitBinds(transport, in: everyPort) { record in
        inodes.insert(record.inode)
        if transport == .tcp, record.inode != 0, pool.contains(record.localPort) { blockers.append(record) }
      }
      if isTold { chosen[transport] = inodes }
    }
    var listening: Set<Port> = []
    var second: [SocketRecord] = []
    try lister.list(.tcp) { record in
      if keepsTCP, record.inode != 0, pool.contains(record.localPort) { tcp.append(record) }
      if record.state == .listen {
        listening.insert(record.localPort)
        if chosen[.tcp]?.contains(record.inode) != false { listeners.append(record) }
      } else if record.inode != 0 {
        if record.state == .closeWait { closeWait.insert(record) }
        let tuple = Tuple(source: record.local, destination: record.remote, destinationPort: record.remotePort)
        if wanted.contains(tuple), pool.contains(record.localPort) { tuples[tuple, default: []].append(record) }
        let offset = Int(record.localPort) - Int(settings.range.first)
        if offset & 1 == 1, pool.contains(record.localPort), chosen[.tcp]?.contains(record.inode) != true { second.append(record) }
      }
    }
    earlyBinders = second.filter { !listening.contains($0.localPort) }
    try lister.list(.udp) { record in
      if record.inode != 0, pool.contains(record.localPort) { udp.append(record) }
      if record.state == .close, chosen[.udp]?.contains(record.inode) == true { receivers.append(record) }
    }
  }
}

extension Owners {
  /// `nginx (pid 812, nginx.service)`, or why nobody is named.
  func holder(_ record: SocketRecord) -> String {
    if let process = process(of: record) { return process.nameWithOwner }
    return "of uid \(record.uid), \(SocketOwner.Gap(of: record, seesAll: seesAll, mayBeQueued: false).short)"
  }

  /// The holders of `records`, most sockets first.
  func counts(_ records: some Collection<SocketRecord>) -> [Evidence.ProcessCount] {
    var counts: [String: (count: Int, isNamed: Bool)] = [:]
    for record in records { counts[holder(record), default: (0, process(of: record) != nil)].count += 1 }
    return counts.map { Evidence.ProcessCount($0.key, $0.value.count, isNamed: $0.value.isNamed) }
      .sorted { ($1.count, $0.holder) < ($0.count, $1.holder) }
  }
}
