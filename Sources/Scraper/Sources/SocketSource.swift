package import Kernel
package import PortModel

/// One way to count the sockets of a namespace. How it counts is its own affair: it hands out pools, never sockets.
///
/// A source lives as long as its scraper and is asked on one thread at a time, so that it may keep what it likes between snapshots, for each
/// namespace by its number.
package protocol SocketSource: AnyObject {
  /// The value of the label `source`.
  var name: SourceName { get }
  /// What a user is told when a better source is refused and this one is used instead: `reading /proc instead, which …`.
  var fallbackRemark: String { get }

  /// Whether the source can be asked about a namespace that is seen this way.
  func reaches(_ view: NamespaceView) -> Bool
  /// A snapshot of `chosen` begins: what was counted for the previous one is out of date.
  func beginSnapshot(of chosen: Set<CollectorName>)
  /// Namespaces other than these, and the scraper's own, are gone; what is kept for them can be dropped.
  func retain(_ namespaces: Set<NetworkNamespaceID>)

  /// What is known of another namespace, if its sockets can be counted without going there, and at no cost that depends on how many there are.
  ///
  /// - Parameter totals: the kernel's running count of its sockets.
  func fromOutside(_ view: NamespaceView, _ totals: SocketTotals, until deadline: Deadline) -> CountedOutside?

  /// Counts the TCP sockets of a namespace.
  ///
  /// - Throws: ``ReadError/systemCall(_:)`` or ``ReadError/refused(_:)`` if the host does not allow it; then the next source is asked.
  func countTCP(_ view: NamespaceView, until deadline: Deadline) throws(ReadError) -> Counted<TCPPool>
  /// Counts the UDP sockets of a namespace. Throws as ``countTCP(_:until:)`` does.
  func countUDP(_ view: NamespaceView, until deadline: Deadline) throws(ReadError) -> Counted<UDPPool>
  /// The fullest tuple of either family, and nothing that can be left out for knowing it. Throws as ``countTCP(_:until:)`` does.
  func fullestTuple(_ view: NamespaceView, until deadline: Deadline) throws(ReadError) -> Counted<FullestTuple>
}

extension SocketSource {
  package func beginSnapshot(of chosen: Set<CollectorName>) {}
  package func fromOutside(_ view: NamespaceView, _ totals: SocketTotals, until deadline: Deadline) -> CountedOutside? { nil }
  package func retain(_ namespaces: Set<NetworkNamespaceID>) {}
}

/// A namespace whose sockets can be counted without going there.
package struct CountedOutside: Sendable {
  package let settings: PoolSettings
  /// The collectors that need not go there: `tcp`, `udp` or both.
  package let collectors: Set<CollectorName>

  package init(settings: PoolSettings, collectors: Set<CollectorName>) {
    self.settings = settings
    self.collectors = collectors
  }
}

/// One namespace, as collectors and sources see it.
package struct NamespaceView: Sendable, Hashable {
  /// Its number; `nil` for the one that the scraper runs in.
  package let id: NetworkNamespaceID?
  /// Its files.
  package let proc: ProcFileSystem
  /// Whether the calling thread is in the namespace, so that the kernel answers for it. A copy of `/proc` says nothing about the kernel that this
  /// runs on, nor the kernel about it.
  package let isInside: Bool
  /// `nil` if they could not be read: sockets are counted all the same.
  package var settings: NamespaceSettings?
  /// What is known of the kernel.
  package let abilities: KernelAbilities

  package init(
    id: NetworkNamespaceID? = nil, proc: ProcFileSystem, isInside: Bool, settings: NamespaceSettings? = nil,
    abilities: KernelAbilities = KernelAbilities()
  ) {
    self.id = id
    self.proc = proc
    self.isInside = isInside
    self.settings = settings
    self.abilities = abilities
  }
}

/// What a source counted.
package struct Counted<Value: Sendable>: Sendable {
  package let value: Value
  package let source: SourceName
  /// The value is there and not to be trusted fully: why.
  package let problem: String?
  /// Why another source than the preferred one was used.
  package var remark: String?

  package init(_ value: Value, source: SourceName, problem: String? = nil, remark: String? = nil) {
    self.value = value
    self.source = source
    self.problem = problem
    self.remark = remark
  }
}

/// How full the fullest tuple is.
package struct FullestTuple: Sendable, Hashable {
  /// Ports that it holds, reusable TIME_WAIT not counted.
  package let used: Int
  /// Ports that a connect() can be given at all.
  package let capacity: Int

  package init(used: Int, capacity: Int) {
    self.used = used
    self.capacity = capacity
  }
}
