/// What is known of a namespace that the exporter does not run in, before its sockets are read.
package struct NamespaceVisit: Sendable, Hashable {
  /// `nil` in a snapshot of another host, which gives names only.
  package let id: NetworkNamespaceID?
  package let identity: NamespaceIdentity
  /// The kernel's running count.
  package let totals: SocketTotals
  /// Whether the sockets were read one by one. Otherwise only the totals are known, which prove the pool calm.
  package let isWalked: Bool

  package init(id: NetworkNamespaceID?, identity: NamespaceIdentity, totals: SocketTotals, isWalked: Bool) {
    self.id = id
    self.identity = identity
    self.totals = totals
    self.isWalked = isWalked
  }
}

/// What the host's files tell of a namespace's owner: every field may be empty.
package struct NamespaceIdentity: Sendable, Hashable {
  /// The name below `/run/netns`, else the host name inside where that is not this host's own.
  package let name: String
  /// The Kubernetes pod's UID: `2c48913c-b29f-11e7-9350-020968147796`.
  package let pod: String
  /// The container's ID, 64 hexadecimal digits, or its name: in a pod the one whose process has been there longest.
  package let container: String
  /// The systemd unit: `nginx.service`.
  package let unit: String

  package init(name: String = "", pod: String = "", container: String = "", unit: String = "") {
    self.name = name
    self.pod = pod
    self.container = container
    self.unit = unit
  }
}

/// How many network namespaces the host has besides the exporter's own, and how far each was looked at: a partition.
package struct NamespaceCensus: Sendable, Hashable {
  /// Their sockets were read one by one.
  package var walked = 0
  /// They have so few sockets that no pool can be past `--namespaces.walk-share`.
  package var calm = 0
  /// Beyond `--namespaces.max`: only their sockets were counted, in ``skippedSockets``.
  package var skipped = 0
  /// Left out by `--namespaces.include` and `--namespaces.exclude`.
  package var excluded = 0
  /// Known by name only: no process is inside, and the exporter may not enter.
  package var unreadable = 0
  /// The sockets of the skipped namespaces together.
  package var skippedSockets = SocketTotals(tcp: 0, udp: 0, holders: 0)

  package init() {}

  /// All of them.
  package var found: Int { walked + calm + skipped + excluded + unreadable }
}

/// How many sockets a namespace has, by the kernel's running count: 12 µs to read, however many there are.
package struct SocketTotals: Sendable, Hashable {
  /// TCP sockets of both families in any state.
  package let tcp: UInt64
  /// UDP sockets of both families.
  package let udp: UInt64
  /// At least as many as hold a port: sockets of every kind, and TIME_WAIT. TCP sockets that are only bound are not among ``tcp``.
  package let holders: UInt64

  package init(tcp: UInt64, udp: UInt64, holders: UInt64) {
    self.tcp = tcp
    self.udp = udp
    self.holders = holders
  }
}

/// How many pool ports the sockets of one owner hold.
package struct OwnerUsage: Sendable, Hashable {
  /// `nginx.service`, `docker/4f1a2b3c4d5e`, `pod/2c48913c-b29f-11e7-9350-020968147796`, or the path of a control group that has no such name.
  /// ``other`` for the owners that are not listed, ``none`` for ports that only ownerless sockets such as TIME_WAIT hold, ``unknown`` for groups
  /// that are gone or cannot be seen.
  package let owner: String
  /// Distinct ports of the pool, a port of TCP and the same of UDP counted separately. A port that several owners share counts for each.
  package let usedPorts: Int

  package init(owner: String, usedPorts: Int) {
    self.owner = owner
    self.usedPorts = usedPorts
  }

  package static let other = "other"
  package static let none = "none"
  package static let unknown = "unknown"
}
