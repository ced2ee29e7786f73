package import PortModel

/// All that findings are made from. Whoever made it has done the looking; what follows is pure.
package struct Evidence: Sendable, Hashable {
  package var namespace: NamespaceSnapshot
  /// Every TCP listener on a port that its program chose, or may have chosen, and every UDP receiver that seems to be a server's.
  package var listeners: [Listener]
  /// Programs with UDP receivers on pool ports of their choice that do not seem to be servers, or may not be, most ports first.
  package var passingReceivers: [ProcessCount]
  /// Programs with connections of the second parity that they did not choose themselves, most first.
  package var earlyBinders: [ProcessCount]
  /// Programs with connections that were in CLOSE_WAIT from the start of watching to its end, most first.
  package var leaks: [ProcessCount]
  /// Whether programs were asked which of their sockets have a range of their own (`IP_LOCAL_PORT_RANGE`); those are not among ``earlyBinders``.
  package var knowsOwnRanges: Bool
  /// How many have one.
  package var ownRanges: Int
  /// Bound sockets on pool ports that this kernel lists nowhere; `nil` where it lists them.
  package var unlisted: Unlisted?
  package var watched: Watched
  /// What was refused a port in this namespace while it was watched; `nil` if nobody counted.
  package var refused: Refused?
  /// Programs with sockets on pool ports that they chose, most first; looked at where little of the pool is left for any tuple.
  package var blockers: [ProcessCount]
  /// Programs with sockets of a tuple in trouble, most first.
  package var tupleHolders: [Tuple: [ProcessCount]]
  /// Programs with TCP sockets on pool ports, most first; looked at where `bind()` runs out of ports.
  package var bindHolders: [ProcessCount]
  /// Programs with UDP sockets on pool ports, most first; looked at where UDP runs out.
  package var udpHolders: [ProcessCount]
  /// `tcp_max_tw_buckets` and how many TIME_WAIT sockets the namespace has.
  package var timeWaitBuckets: Fill?
  /// Connections that closed without a TIME_WAIT because there were too many, since the namespace began.
  package var timeWaitOverflows: UInt64
  /// `nf_conntrack_max` and `nf_conntrack_count`; `nil` without connection tracking.
  package var conntrack: Fill?
  /// `nil` where it could not be seen.
  package var sourceAddresses: SourceAddresses?
  /// Where the exporter listens, or would.
  package var exporterPort: Port
  /// Ranges that are meant for services, which need not have sockets.
  package var ranges: [NamedRange]
  /// What could not be looked at for want of rights, a sentence each.
  package var missingRights: [String]

  package init(
    namespace: NamespaceSnapshot, listeners: [Listener] = [], passingReceivers: [ProcessCount] = [], earlyBinders: [ProcessCount] = [],
    leaks: [ProcessCount] = [], knowsOwnRanges: Bool = false, ownRanges: Int = 0, unlisted: Unlisted? = nil,
    watched: Watched = Watched(), blockers: [ProcessCount] = [], tupleHolders: [Tuple: [ProcessCount]] = [:],
    bindHolders: [ProcessCount] = [], udpHolders: [ProcessCount] = [], timeWaitBuckets: Fill? = nil, timeWaitOverflows: UInt64 = 0,
    conntrack: Fill? = nil,
    refused: Refused? = nil,
    sourceAddresses: SourceAddresses? = nil, exporterPort: Port = 10097, ranges: [NamedRange] = [],
    missingRights: [String] = []
  ) {
    self.namespace = namespace
    self.listeners = listeners
    self.passingReceivers = passingReceivers
    self.earlyBinders = earlyBinders
    self.leaks = leaks
    self.knowsOwnRanges = knowsOwnRanges
    self.ownRanges = ownRanges
    self.unlisted = unlisted
    self.watched = watched
    self.refused = refused
    self.blockers = blockers
    self.tupleHolders = tupleHolders
    self.bindHolders = bindHolders
    self.udpHolders = udpHolders
    self.timeWaitBuckets = timeWaitBuckets
    self.timeWaitOverflows = timeWaitOverflows
    self.conntrack = conntrack
    self.sourceAddresses = sourceAddresses
    self.exporterPort = exporterPort
    self.ranges = ranges
    self.missingRights = missingRights
  }

  /// A port that a server waits on.
  package struct Listener: Sendable, Hashable {
    package let transport: TransportProtocol
    package let port: Port
    /// `nginx (pid 812, nginx.service)`, or why nobody is named.
    package let holder: String

    package init(_ transport: TransportProtocol, _ port: Port, holder: String) {
      self.transport = transport
      self.port = port
      self.holder = holder
    }
  }

  /// Sockets that are bound and nothing more, and that no table shows.
  package struct Unlisted: Sendable, Hashable {
    /// Distinct pool ports that they hold.
    package let ports: Int
    /// Their programs, most first.
    package let holders: [ProcessCount]
    /// Why there may be more, and at most how many; `nil` if every program was asked.
    package let gap: String?

    package init(ports: Int, holders: [ProcessCount], gap: String? = nil) {
      self.ports = ports
      self.holders = holders
      self.gap = gap
    }
  }

  /// How many sockets a process has.
  package struct ProcessCount: Sendable, Hashable {
    /// `nginx (pid 812, nginx.service)`, or why nobody is named.
    package let holder: String
    package let count: Int
    /// Whether ``holder`` names a process.
    package let isNamed: Bool

    package init(_ holder: String, _ count: Int, isNamed: Bool = true) {
      self.holder = holder
      self.count = count
      self.isNamed = isNamed
    }
  }

  /// What happened while the host was watched.
  package struct Watched: Sendable, Hashable {
    package let seconds: Double
    /// New connections that connection tracking could not enter, mostly because translation found no free port.
    package let insertFailed: UInt64
    /// Packets that it dropped: because its table was full, or because it could not enter their connection, which ``insertFailed`` counts too.
    package let dropped: UInt64
    /// Entries that it threw out early because its table was full.
    package let droppedEarly: UInt64

    package init(seconds: Double = 0, insertFailed: UInt64 = 0, dropped: UInt64 = 0, droppedEarly: UInt64 = 0) {
      self.seconds = seconds
      self.insertFailed = insertFailed
      self.dropped = dropped
      self.droppedEarly = droppedEarly
    }

    /// Packets that were dropped because the table was full: at least that many.
    var droppedByFullTable: UInt64 { dropped - min(dropped, insertFailed) }
  }

  /// How much of something is taken.
  package struct Fill: Sendable, Hashable {
    package let used: UInt64
    package let limit: UInt64

    package init(used: UInt64, limit: UInt64) {
      self.used = used
      self.limit = limit
    }

    var share: Double { limit > 0 ? Double(used) / Double(limit) : 0 }
  }
}
