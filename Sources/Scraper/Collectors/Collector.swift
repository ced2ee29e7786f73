package import Kernel
package import PortModel

/// Something that can be switched on and off and chosen with `collect[]`: it reads one view of one namespace until a deadline, and fails alone.
///
/// A collector lives as long as its scraper and is asked on one thread at a time, so that it may keep what it likes between snapshots.
package protocol Collector: AnyObject, SendableMetatype {
  /// The name in flags, queries and labels: `tcp`.
  static var name: CollectorName { get }
  /// Whether it runs unless it is switched off.
  static var isDefault: Bool { get }
  /// What it reads, as `--help` says it, without a full stop: `TCP sockets and the headroom of connect() and bind()`.
  static var help: String { get }
  /// The namespaces in which it runs.
  static var reach: CollectorReach { get }

  init(_ configuration: ScraperConfiguration)

  /// A snapshot begins: what was kept to spare work within the previous one is out of date.
  func beginSnapshot()
  /// Reads what it is for and stores it in `look`.
  ///
  /// - Throws: why nothing could be read. What is stored by then stays.
  func collect(_ look: inout NamespaceLook) throws(ReadError) -> CollectorReport
}

extension Collector {
  package func beginSnapshot() {}
}

/// Where a collector runs when it is on.
package enum CollectorReach: Sendable, Hashable {
  /// In the namespace that the scraper runs in.
  case ownNamespace
  /// There, and in every other namespace whose sockets are read one by one.
  case walkedNamespaces
  /// There, and in every other namespace that is shown.
  case everyNamespace
  /// Once for the whole host, after all others, which it runs in further namespaces.
  case host
}

/// What a collector says of itself, next to what it read.
package struct CollectorReport: Sendable, Hashable {
  /// Where the sockets came from; `nil` for a collector that reads none.
  package var source: SourceName?
  /// What was read is there and not to be trusted fully: why.
  package var problem: String?
  /// Something worth a log line without being a failure.
  package var remark: String?

  package init(source: SourceName? = nil, problem: String? = nil, remark: String? = nil) {
    self.source = source
    self.problem = problem
    self.remark = remark
  }

  /// Adds to the remark.
  mutating func add(_ sentence: String) {
    remark = remark.map { "\($0); \(sentence)" } ?? sentence
  }

  init<Value>(_ counted: Counted<Value>) {
    self.init(source: counted.source, problem: counted.problem, remark: counted.remark)
  }
}

/// One look at one namespace: the way to it, and what collectors have stored so far.
package struct NamespaceLook {
  /// The namespace, with its settings once they are read.
  package var view: NamespaceView
  let run: SnapshotRun
  /// Where collectors store what they found.
  var found = NamespaceFindings()
  /// Where a collector whose value has no property of its own stores it: `look.collected[Conntrack.self] = …`.
  package var collected: CollectedValues {
    get { found.collected }
    _modify { yield &found.collected }
  }

  init(_ view: NamespaceView, _ run: SnapshotRun) {
    self.view = view
    self.run = run
  }

  /// When the scrape has to answer.
  package var deadline: Deadline { run.deadline }

  /// Lets `collector` look, and says how it fared.
  mutating func collect(_ collector: any Collector) -> CollectorOutcome {
    let start = ContinuousClock.now
    do throws(ReadError) {
      return try collectOrThrow(collector)
    } catch {
      return CollectorOutcome(CollectorReport(problem: error.description), of: collector, since: start)
    }
  }

  /// Lets `collector` look. A failure is thrown.
  mutating func collectOrThrow(_ collector: any Collector) throws(ReadError) -> CollectorOutcome {
    let start = ContinuousClock.now
    return CollectorOutcome(try collector.collect(&self), of: collector, since: start)
  }

}

/// What collectors have found in one namespace. Each stores what no other does.
struct NamespaceFindings: Sendable {
  var tcp: TCPPool?
  var udp: UDPPool?
  var owners: [OwnerUsage]?
  var collected = CollectedValues()
  /// The other namespaces; `nil` if nobody looked for them.
  var others: OtherNamespaces?

  mutating func formUnion(_ other: NamespaceFindings) {
    tcp = other.tcp ?? tcp
    udp = other.udp ?? udp
    owners = other.owners ?? owners
    collected.formUnion(other.collected)
    others = other.others ?? others
  }

  /// The namespace as a value.
  func snapshot(
    name: String, settings: NamespaceSettings?, namedRanges: [NamedRange], outcomes: [CollectorOutcome], visit: NamespaceVisit? = nil
  ) -> NamespaceSnapshot {
    NamespaceSnapshot(
      name: name, settings: settings?.pool, namedRanges: namedRanges, tcp: tcp, udp: udp, outcomes: outcomes, visit: visit, owners: owners,
      collected: collected)
  }
}

extension CollectorOutcome {
  fileprivate init(_ report: CollectorReport, of collector: any Collector, since start: ContinuousClock.Instant) {
    self.init(
      collector: type(of: collector).name, source: report.source, duration: (ContinuousClock.now - start) / .seconds(1),
      problem: report.problem, remark: report.remark)
  }
}

/// What the collector `namespaces` found.
struct OtherNamespaces {
  let namespaces: [NamespaceSnapshot]
  let census: NamespaceCensus
}
