internal import CBPF
package import PortModel

/// What is to be counted.
package struct CountRequest: Sendable {
  /// What is known of the calling thread's namespace.
  package struct Own: Sendable {
    /// Its port range, which the kernel's must be.
    let range: PortRange?
    let localAddresses: LocalAddresses

    package init(range: PortRange?, localAddresses: LocalAddresses) {
      self.range = range
      self.localAddresses = localAddresses
    }
  }

  /// `nil` if the calling thread's namespace is counted as any other is.
  package let own: Own?
  /// Which other namespaces are preferred where there is not room for all; `nil` to count none.
  package let others: Set<NetworkNamespaceID>?
  /// Which class each port is in, by port; classes are counted apart.
  package let classes: [UInt8]
  package let classCount: Int
  /// Which kinds of sockets.
  package let transports: Set<TransportProtocol>

  package static let classLimit = COUNTS_CLASSES

  package init(
    own: Own?, others: Set<NetworkNamespaceID>? = nil, classes: [UInt8], classCount: Int, transports: Set<TransportProtocol> = [.tcp, .udp]
  ) {
    self.own = own
    self.others = others
    self.classes = classes
    self.classCount = classCount
    self.transports = transports
  }

  package var room: CounterRoom { others == nil ? .own : .all }
  /// How many blocks of classes a namespace needs.
  var blocks: Int { (classCount + COUNTS_BLOCK_CLASSES - 1) / COUNTS_BLOCK_CLASSES }
}

/// How a count went; what it counted is read from the counter, until the next one.
package struct KernelCount: Sendable {
  /// The calling thread's namespace; `nil` if it was one of many.
  package let own: CountReport?
  /// Other namespaces that were there before and after.
  package let others: [NetworkNamespaceID: CountReport]
  let generation: UInt32
}

/// How the count of one namespace went.
package struct CountReport: Sendable {
  /// Its settings, as far as the kernel knows them; `nil` for the calling thread's namespace.
  package internal(set) var settings: PoolSettings?
  /// More tuples than there is room for: the large ones are counted exactly, and ``tupleCounts`` is estimated.
  package internal(set) var isEstimated = false
  /// A tuple may be missing that is as full as those that were counted.
  package internal(set) var missesTuples = false
  package internal(set) var tupleCounts: [AddressFamily: Int] = [:]
  /// There are more local addresses than there is room for.
  package internal(set) var missesAddresses = false
  /// Sockets are bound to more devices than there is room for: tuples are missing.
  package internal(set) var missesDevices = false
  /// Of some sockets on a device it is not known whether others on none share their port.
  package internal(set) var missesOverlaps = false
  /// More ports are closed to connect() in VRFs than there is room for.
  package internal(set) var missesVRFPorts = false
  /// Why the count is not to be used.
  package internal(set) var problem: String?
  /// UDP sockets were counted, which kernels before 6.2 show no way to.
  package internal(set) var hasUDP = false
  /// Why the count of UDP sockets is not to be used.
  package internal(set) var udpProblem: String?
  /// There are more UDP sockets on ports of their programs' choice than there is room for.
  package internal(set) var missesUDPHolders = false
  let slot: Int
  let blocks: Int
  /// Its tuples as numbers of their entries, with ``ipv6`` added for those of the other table.
  var tuples: [UInt32] = []
  /// Likewise what is to be taken off the sum of tuples on a device and on none.
  var overlaps: [UInt32] = []
  /// Its ports by address: the number of the address above 32 bits, and below them the page.
  var addressPages: [UInt64] = []
  /// Its UDP sockets on ports of their programs' choice, as numbers of their entries.
  var udpHolders: [UInt32] = []

  static var ipv6: UInt32 { 1 << 31 }

  init(slot: Int, blocks: Int) {
    self.slot = slot
    self.blocks = blocks
  }
}
