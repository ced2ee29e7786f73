package import PortModel

/// A network namespace as the view shows it. What is not known is empty, and then its section is not there.
package struct LiveNamespace: Sendable, Hashable {
  /// `host`, a name below `/run/netns`, or an inode number.
  package let name: String
  /// What else is known about it: a pod, a container, or that its table was not walked.
  package let note: String
  package let range: PortRange?
  /// Range minus reserved.
  package let capacity: Int?
  package let pools: [LivePool]
  /// Ports that a connect() can be given at all: what a tuple's use is a share of.
  package let connectCapacity: Int
  /// The fullest tuples.
  package let tuples: [LiveTuple]
  /// How many tuples hold a port; ``tuples`` may list fewer.
  package let tupleCount: Int
  /// What stands on the ports, TCP first.
  package let usages: [LiveUsage]
  /// Who holds ports, most ports first.
  package let owners: [LiveOwner]

  package init(
    name: String, note: String = "", range: PortRange?, capacity: Int?, pools: [LivePool], connectCapacity: Int = 0,
    tuples: [LiveTuple] = [], tupleCount: Int? = nil, usages: [LiveUsage] = [], owners: [LiveOwner] = []
  ) {
    self.name = name
    self.note = note
    self.range = range
    self.capacity = capacity
    self.pools = pools
    self.connectCapacity = connectCapacity
    self.tuples = tuples
    self.tupleCount = tupleCount ?? tuples.count
    self.usages = usages
    self.owners = owners
  }

  func usage(of transport: TransportProtocol) -> LiveUsage? { usages.first { $0.transport == transport } }

  /// The pool with the largest share in use.
  var fullest: LivePool? { pools.max { $0.share < $1.share } }
}
