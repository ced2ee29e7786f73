package import Kernel
internal import KernelFormats
package import PortModel
package import Scraper

/// Answers `portpool explain`: what a port is, and who has it.
package struct PortInspector: Sendable {
  private let host: HostFiles
  private let view: ProcFileSystem.View

  /// - Parameter view: whose namespace is meant when none is named: this process's, or the calling thread's.
  package init(_ host: HostFiles, view: ProcFileSystem.View = .process) {
    self.host = host
    self.view = view
  }

  /// The whole report: what ``here(_:_:netns:ranges:)`` says, and with `netns` absent what ``searchElsewhere(_:_:_:)`` finds.
  package func report(
    _ port: Port, _ transports: [TransportProtocol], netns: String? = nil, ranges: [NamedRange] = []
  ) throws(InspectionError) -> PortReport {
    let report = try here(port, transports, netns: netns, ranges: ranges)
    guard netns == nil else { return report }
    var uses: [NamespaceUse] = []
    let notes = searchElsewhere(port, transports) { uses.append($0) }
    return report.adding(uses, notes: notes)
  }

  /// Looks for the port in all other namespaces, which may take seconds on a host with many sockets, and calls `found` for each that has it.
  ///
  /// - Returns: what could not be looked at, a sentence each.
  package func searchElsewhere<Failure>(
    _ port: Port, _ transports: [TransportProtocol], _ found: (NamespaceUse) throws(Failure) -> Void
  ) throws(Failure) -> [String] {
    guard port != 0 else { return [] }
    let finder = NamespaceFinder(host)
    return try OtherNamespaces(host: host, finder: finder, own: finder.own(view)).search(port, transports, found)
  }

  /// What is to be said of one namespace.
  ///
  /// - Parameters:
  ///   - netns: a name below `/run/netns`, an inode number or a process number; `nil` for this program's own namespace.
  ///   - ranges: ports that are meant for services.
  package func here(
    _ port: Port, _ transports: [TransportProtocol], netns: String? = nil, ranges: [NamedRange] = []
  ) throws(InspectionError) -> PortReport {
    let finder = NamespaceFinder(host)
    let own = finder.own(view)
    var notes: [String] = []
    let (namespace, table) = try finder.read(netns, view, &notes) { proc, showsSettings throws(ReadError) in
      try PortTable(port, transports, reading: proc, readsSettings: showsSettings, host: host)
    }
    let owners = OwnerSearch(host).owners(of: inodes(table))
    if let refused = owners.note(onMissing: table.records) { notes.append(refused) }
    let services = host.services
    if services == nil {
      notes.append("There is no services database (\(host.root)/etc/services; Debian's package netbase), so ports have no names.")
    }
    if port != 0, transports.contains(.tcp) {
      if let unlisted = table.unlisted {
        if let gap = unlisted.gap {
          notes.append(
            "This kernel lists no TCP sockets that are bound and neither listen nor connect (Linux 6.8). Programs were asked for theirs, but \(gap)."
          )
        }
      } else if let note = table.boundOnly.note {
        notes.append(note)
      }
    }
    if netns == nil, let remark = own.remark { notes.append("\(remark).") }
    if port != 0, let problem = table.translationProblem {
      notes.append("Translated connections could not be read: \(problem). It takes root, CAP_NET_ADMIN or group root.")
    }
    return PortReport(
      port: port, transports: transports, namespace: namespace,
      services: services.map { bytes in
        Dictionary(
          uniqueKeysWithValues: transports.compactMap { transport in
            ServicesFormat.service(bytes.span, port: port, transport).map { (transport, $0) }
          })
      },
      settings: table.settings, sockets: port == 0 ? [] : held(table, owners), translated: table.translated, ranges: ranges, notes: notes)
  }

  private func inodes(_ table: PortTable) -> Set<UInt64> {
    var inodes = Set(table.records.map(\.inode))
    for record in table.records where table.isLocal(record) {
      if let peer = table.peer(of: record) { inodes.insert(peer.inode) }
    }
    inodes.remove(0)
    return inodes
  }

  private func held(_ table: PortTable, _ owners: Owners) -> [HeldSocket] {
    table.records.map { record in
      let direction = table.direction(of: record)
      let isLocal = table.isLocal(record)
      return HeldSocket(
        record: record, direction: direction, isLocal: isLocal,
        isChosenByProgram: record.inode == 0 || table.unlisted?.records.contains(record) == true
          ? nil : table.chosen.map { $0.contains(record.inode) },
        owner: owners.processes[record.inode].map(SocketOwner.processes)
          ?? .nobody(SocketOwner.Gap(of: record, seesAll: owners.seesAll, mayBeQueued: direction == .inbound)),
        peers: isLocal ? table.peer(of: record).flatMap { owners.processes[$0.inode] } ?? [] : [])
    }
  }
}

extension BoundOnlyListing {
  /// Which sockets were not seen, and why; `nil` if all were.
  package var note: String? {
    let sockets = "TCP sockets that are bound and neither listen nor connect"
    return switch self {
    case .listed: nil
    case .notListed:
      "\(sockets) may hold the port unseen: inet_diag was asked, and this kernel does not list them (Linux 6.8 and newer do)."
    case .notAsked: "\(sockets) may hold the port unseen: they do not show in /proc, and inet_diag could not be asked."
    }
  }
}
