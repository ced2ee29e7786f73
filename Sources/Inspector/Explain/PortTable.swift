internal import Kernel
internal import PortModel
internal import Scraper

/// What one namespace's tables say about one port, before anyone has been asked who owns what.
struct PortTable: Sendable {
  /// Sockets whose local port it is.
  private(set) var records: [SocketRecord] = []
  /// Sockets of this namespace that have the port at their other end, by what their peer looks like.
  private(set) var peers: [Ends: SocketRecord] = [:]
  /// Every TCP listener of the namespace: local addresses by port.
  private(set) var listeners: [Port: [SocketRecord]] = [:]
  /// Inode numbers of sockets whose program chose this port; `nil` when the kernel could not be asked.
  private(set) var chosen: Set<UInt64>?
  private(set) var boundOnly = BoundOnlyListing.notAsked
  /// Where the kernel does not list bound sockets: those that were found all the same. `nil` where it does, and where nobody could look.
  private(set) var unlisted: UnlistedSockets?
  private(set) var settings: PoolSettings?
  private(set) var localAddresses = LocalAddresses()
  private(set) var translated = TranslatedPort()
  /// Why translated connections could not be read.
  private(set) var translationProblem: String?

  /// Both ends of a connection.
  struct Ends: Hashable, Sendable {
    let local: IPAddress
    let localPort: Port
    let remote: IPAddress
    let remotePort: Port
  }

  /// - Parameters:
  ///   - readsSettings: whether the settings are those of this namespace; from outside they are the reader's own.
  ///   - host: whose programs are asked for sockets that the kernel lists nowhere.
  init(
    _ port: Port, _ transports: [TransportProtocol], reading proc: ProcFileSystem, readsSettings: Bool, host: HostFiles
  ) throws(ReadError) {
    if readsSettings {
      let settings = try NamespaceSettings(reading: proc)
      (self.settings, localAddresses) = (settings.pool, settings.localAddresses)
    } else {
      localAddresses = try LocalAddresses(reading: proc)
    }
    do throws(ReadError) {
      translated = try TranslatedPort(port, transports, reading: proc)
    } catch {
      translationProblem = error.description
    }
    let lister = SocketLister(proc)
    var seen: Set<SocketRecord> = []
    for transport in transports {
      try lister.list(transport) { record in
        if record.state == .listen { listeners[record.localPort, default: []].append(record) }
        if record.localPort == port, seen.insert(record).inserted { records.append(record) }
        if record.remotePort == port, record.remotePort != 0 {
          peers[Ends(local: record.remote, localPort: port, remote: record.local, remotePort: record.localPort)] = record
        }
      }
    }
    guard let range = PortRange(first: port, last: port) else { return }
    if transports.contains(.tcp) {
      boundOnly = try lister.listBoundOnly { record in
        if record.localPort == port, seen.insert(record).inserted { records.append(record) }
      }
      if boundOnly != .listed, proc.isInsideOfReader {
        let unlisted = try UnlistedSockets(host, proc)
        for record in unlisted.records where record.localPort == port && seen.insert(record).inserted { records.append(record) }
        self.unlisted = unlisted
      }
    }
    var chosen: Set<UInt64> = []
    for transport in transports {
      guard try lister.listExplicitBinds(transport, in: range, { chosen.insert($0.inode) }) else { return }
    }
    self.chosen = chosen
  }
}

extension PortTable {
  func direction(of record: SocketRecord) -> SocketDirection {
    switch (record.transport, record.state) {
    case (.udp, .close): return .receiving
    case (.udp, _): return .outgoing
    case (.tcp, .listen): return .listening
    case (.tcp, .close), (.tcp, .boundInactive): return .bound
    case (.tcp, .newSynReceived), (.tcp, .synReceived): return .inbound
    default: break
    }
    if isListening(record.local, record.localPort) { return .inbound }
    if isLocal(record), isListening(record.remote, record.remotePort) { return .outgoing }
    // Without a listener the ports tell: the side that did not choose has one of the pool.
    let range = settings?.range ?? .linuxDefault
    return !range.contains(record.localPort) && range.contains(record.remotePort) ? .inboundWithoutListener : .outgoing
  }

  func isLocal(_ record: SocketRecord) -> Bool {
    !record.remote.isWildcard && (record.remote.isLoopback || localAddresses.contains(record.remote))
  }

  func peer(of record: SocketRecord) -> SocketRecord? {
    peers[Ends(local: record.local, localPort: record.localPort, remote: record.remote, remotePort: record.remotePort)]
  }

  private func isListening(_ address: IPAddress, _ port: Port) -> Bool {
    listeners[port]?.contains { listener in
      listener.local == address || (listener.local.isWildcard && (!listener.local.isIPv4 || address.isIPv4))
    } == true
  }
}
