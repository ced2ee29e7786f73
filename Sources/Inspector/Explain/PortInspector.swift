package import Kernel
internal import KernelFormats
package import PortModel
internal import Scraper

/// Answers `portpool explain`: what a port is, and who has it.
package struct PortInspector: Sendable {
  private let host: HostFiles
  private let view: ProcFileSystem.View

  /// - Parameter view: whose namespace is meant when none is named: this process's, or the calling thread's.
  package init(_ host: HostFiles, view: ProcFileSystem.View = .process) {
    self.host = host
    self.view = view
  }

  /// - Parameter netns: a name below `/run/netns`, an inode number or a process number; `nil` for this program's own namespace.
  package func report(_ port: Port, _ transports: [TransportProtocol], netns: String? = nil) throws(InspectionError) -> PortReport {
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
    if port != 0, transports.contains(.tcp), !table.seesBoundOnly {
      notes.append(
        "TCP sockets that are bound and neither listen nor connect do not show in /proc, and inet_diag could not be asked (Linux 6.8).")
    }
    if port != 0, let problem = table.translationProblem {
      notes.append("Translated connections could not be read: \(problem). It takes root, CAP_NET_ADMIN or group root.")
    }
    let elsewhere = netns == nil && port != 0 ? OtherNamespaces(host: host, finder: finder, own: own).uses(of: port, transports) : .init()
    return PortReport(
      port: port, transports: transports, namespace: namespace,
      services: services.map { bytes in
        Dictionary(
          uniqueKeysWithValues: transports.compactMap { transport in
            ServicesFormat.service(bytes.span, port: port, transport).map { (transport, $0) }
          })
      },
      settings: table.settings, sockets: port == 0 ? [] : held(table, owners), translated: table.translated, elsewhere: elsewhere.uses,
      notes: notes + elsewhere.notes)
  }

  private func read(
    _ port: Port, _ transports: [TransportProtocol], _ netns: String?, _ finder: NamespaceFinder, _ own: NamespaceName,
    _ notes: inout [String]
  ) throws(InspectionError) -> (NamespaceName, PortTable) {
    let found = try netns.map { argument throws(InspectionError) in try finder.find(argument) }
    guard let found, found.namespace.id != own.id else {
      let proc = ProcFileSystem(root: host.procfs, view: view)
      return try unwrap(own, Result { () throws(ReadError) in try PortTable(port, transports, reading: proc, readsSettings: true) })
    }
    let inside = ProcFileSystem(root: host.procfs, view: .thread)
    let result = Result { () throws(ReadError) in
      try found.inside { () throws(ReadError) in try PortTable(port, transports, reading: inside, readsSettings: true) }
    }
    if case .failure(.systemCall(let error)) = result, error.isPermissionDenied {
      guard let pid = found.pid else {
        throw InspectionError("--netns: \(error); entering a network namespace needs root (CAP_SYS_ADMIN)")
      }
      notes.append("The settings of this namespace show only inside: entering it needs root (CAP_SYS_ADMIN).")
      let outside = ProcFileSystem(root: host.procfs, view: .other(pid: pid))
      return try unwrap(
        found.namespace, Result { () throws(ReadError) in try PortTable(port, transports, reading: outside, readsSettings: false) })
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
        isChosenByProgram: record.inode == 0 ? nil : table.chosen.map { $0.contains(record.inode) },
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
