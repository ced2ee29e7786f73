package import Kernel
package import PortModel
internal import Scraper

/// Answers `portpool explain` for a destination or a range: who holds the ports.
package struct HolderInspector: Sendable {
  private let host: HostFiles
  private let view: ProcFileSystem.View

  /// - Parameter view: whose namespace is meant when none is named: this process's, or the calling thread's.
  package init(_ host: HostFiles, view: ProcFileSystem.View = .process) {
    self.host = host
    self.view = view
  }

  package enum Question: Sendable, Hashable {
    case destination(IPAddress, Port)
    case range(NamedRange)
    /// The range in `net.ipv4.ip_local_port_range`, which each namespace has for itself.
    case ephemeral
  }

  /// - Parameter netns: a name below `/run/netns`, an inode number or a process number; `nil` for this program's own namespace.
  package func report(
    _ question: Question, _ transports: [TransportProtocol], netns: String? = nil
  ) throws(InspectionError) -> HolderReport {
    let finder = NamespaceFinder(host)
    var notes: [String] = []
    let (namespace, sockets) = try finder.read(netns, view, &notes) { proc, showsSettings throws(ReadError) in
      try Sockets(question, transports, reading: proc, showsSettings: showsSettings, host: host)
    }
    guard let subject = sockets.subject else {
      throw InspectionError(
        "\(PortRange.ephemeralName): the range shows only inside of the namespace, and entering it needs root (CAP_SYS_ADMIN); name the ports instead: 32768-60999"
      )
    }
    let owners = OwnerSearch(host).owners(of: Set(sockets.records.map(\.inode)).subtracting([0]))
    if let note = owners.note(onMissing: sockets.records) { notes.append(note) }
    if netns == nil, let remark = namespace.remark { notes.append("\(remark).") }
    return HolderReport(
      subject: subject, namespace: namespace, settings: sockets.settings, holders: Self.holders(sockets.records, owners),
      ports: Self.ports(sockets.records), tuples: sockets.tuples, notes: notes + sockets.notes)
  }

  private static func ports(_ records: some Sequence<SocketRecord>) -> Int {
    Set(records.map { UInt32($0.localPort) | ($0.transport == .tcp ? 0 : 1 << 16) }).count
  }

  private struct Key: Hashable {
    let owner: SocketOwner
    let uid: UInt32?
  }

  private static func holders(_ records: [SocketRecord], _ owners: Owners) -> [HolderReport.Holder] {
    let groups = Dictionary(grouping: records) { record in
      if let process = owners.process(of: record) { return Key(owner: .processes([process]), uid: nil) }
      let gap = SocketOwner.Gap(of: record, seesAll: owners.seesAll, mayBeQueued: true)
      return Key(owner: .nobody(gap), uid: record.inode == 0 ? nil : record.uid)
    }
    return groups.map { key, records in
      let states = Dictionary(grouping: records) { [$0.transport.name, $0.state.name($0.transport)] }
      return HolderReport.Holder(
        owner: key.owner, uid: key.uid, sockets: records.count, ports: ports(records),
        states: states.values.map { HolderReport.StateCount($0[0].transport, $0[0].state.name($0[0].transport), $0.count) }
          .sorted { ($1.count, $0.transport.name, $0.state) < ($0.count, $1.transport.name, $1.state) })
    }.sorted { ($1.sockets, $0.order, $0.uid ?? 0) < ($0.sockets, $1.order, $1.uid ?? 0) }
  }
}

extension HolderReport.Holder {
  /// Among holders with as many sockets: processes by number, then the reasons by name.
  fileprivate var order: String {
    switch owner {
    case .processes(let processes): "\(processes.first.map { String(Int64($0.pid) + 10_000_000_000) } ?? "")"
    case .nobody(let gap): gap.rawValue
    }
  }
}

/// What the tables of one namespace say, before anyone has been asked who owns what.
private struct Sockets {
  /// `nil` for the range of a namespace whose settings do not show.
  private(set) var subject: HolderReport.Subject?
  private(set) var settings: PoolSettings?
  private(set) var records: [SocketRecord] = []
  private(set) var tuples: [TupleHeadroom] = []
  private(set) var notes: [String] = []

  init(
    _ question: HolderInspector.Question, _ transports: [TransportProtocol], reading proc: ProcFileSystem, showsSettings: Bool,
    host: HostFiles
  ) throws(ReadError) {
    if showsSettings { settings = try NamespaceSettings(reading: proc).pool }
    switch question {
    case .destination(let address, let port):
      subject = .destination(address, port)
      try list(transports, proc) { $0.remotePort == port && $0.remote == address }
      if showsSettings, transports.contains(.tcp) { readHeadroom(proc, address, port) }
    case .range(let range):
      subject = .range(range)
      try list(range.ports, transports, proc, host)
    case .ephemeral:
      guard let range = settings?.range else { return }
      subject = .range(NamedRange(name: PortRange.ephemeralName, ports: range))
      try list(range, transports, proc, host)
    }
  }

  private mutating func list(
    _ transports: [TransportProtocol], _ proc: ProcFileSystem, where isMeant: (SocketRecord) -> Bool
  ) throws(ReadError) {
    let lister = SocketLister(proc)
    // A socket comes twice if the table changes meanwhile.
    var seen: Set<SocketRecord> = []
    for transport in transports {
      try lister.list(transport) { record in
        if isMeant(record), seen.insert(record).inserted { records.append(record) }
      }
    }
  }

  private mutating func list(
    _ range: PortRange, _ transports: [TransportProtocol], _ proc: ProcFileSystem, _ host: HostFiles
  ) throws(ReadError) {
    try list(transports, proc) { range.contains($0.localPort) }
    guard transports.contains(.tcp) else { return }
    let listing = try SocketLister(proc).listBoundOnly { record in
      if range.contains(record.localPort) { records.append(record) }
    }
    guard listing != .listed else { return }
    guard proc.isInsideOfReader else {
      if let note = listing.note { notes.append(note) }
      return
    }
    let unlisted = try UnlistedSockets(host, proc)
    records += unlisted.records.filter { range.contains($0.localPort) }
    if let gap = unlisted.gap {
      notes.append(
        "This kernel lists no TCP sockets that are bound and neither listen nor connect (Linux 6.8). Programs were asked for theirs, but \(gap)."
      )
    }
  }

  /// What the kernel still gives for the destination, from each address that has connections to it.
  private mutating func readHeadroom(_ proc: ProcFileSystem, _ address: IPAddress, _ port: Port) {
    let scraper = PoolScraper(ScraperConfiguration(proc: proc, tupleLimit: nil))
    scraper.findAbilities()
    let snapshot = scraper.snapshot([.settings, .tcp])
    notes += snapshot.problems
    let all = snapshot.own?.tcp?.pressure?.connect.tuples ?? []
    tuples = all.filter { $0.tuple.destination == address && $0.tuple.destinationPort == port }
  }
}
