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
    let (namespace, table) = try read(port, transports, netns, finder, own, &notes)
    let owners = OwnerSearch(host).owners(of: inodes(table))
    if let refused = note(of: owners, table) { notes.append(refused) }
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

  private func read(
    _ port: Port, _ transports: [TransportProtocol], _ netns: String?, _ finder: NamespaceFinder, _ own: NamespaceName,
    _ notes: inout [String]
  ) throws(InspectionError) -> (NamespaceName, PortTable) {
    let found = try netns.map { argument throws(InspectionError) in try finder.find(argument) }
    guard let found, found.namespace.id != own.id else {
      let proc = ProcFileSystem(root: host.procfs, view: view)
      return try unwrap(
        own, Result { () throws(ReadError) in try PortTable(port, transports, reading: proc, readsSettings: true, host: host) })
    }
    let inside = ProcFileSystem(root: host.procfs, view: .thread)
    let result = Result { () throws(ReadError) in
      try found.inside { () throws(ReadError) in try PortTable(port, transports, reading: inside, readsSettings: true, host: host) }
    }
    if case .failure(.systemCall(let error)) = result, error.isPermissionDenied {
      guard let pid = found.pid else {
        throw InspectionError("--netns: \(error); entering a network namespace needs root (CAP_SYS_ADMIN)")
      }
      notes.append("The settings of this namespace show only inside: entering it needs root (CAP_SYS_ADMIN).")
      let outside = ProcFileSystem(root: host.procfs, view: .other(pid: pid))
      return try unwrap(
        found.namespace,
        Result { () throws(ReadError) in try PortTable(port, transports, reading: outside, readsSettings: false, host: host) })
    }
    return try unwrap(found.namespace, result)
  }

  private func unwrap(
    _ namespace: NamespaceName, _ result: Result<PortTable, ReadError>
  ) throws(InspectionError) -> (NamespaceName, PortTable) {
    switch result {
    case .success(let table): return (namespace, table)
    case .failure(let error): throw InspectionError("\(error)")
    }
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
          ?? .nobody(table.gap(record, direction, seesAll: owners.seesAll)),
        peers: isLocal ? table.peer(of: record).flatMap { owners.processes[$0.inode] } ?? [] : [])
    }
  }

  private func note(of owners: Owners, _ table: PortTable) -> String? {
    let isMissing = table.records.contains { $0.inode != 0 && owners.processes[$0.inode] == nil }
    guard isMissing, !owners.seesAll else { return nil }
    let refused =
      owners.refused > 0
      ? "\(counted(owners.refused, "process may", plural: "processes may")) not be looked at"
      : "Other users' processes may not be looked at"
    return "\(refused): run this with sudo to see whose sockets these are (CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH)."
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
