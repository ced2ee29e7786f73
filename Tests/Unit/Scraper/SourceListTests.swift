import Kernel
import PortModel
import Scraper
import Testing

/// A source that counts what a test wants, or is refused.
private final class FakeSource: SocketSource {
  let name: SourceName
  let fallbackRemark = "guessing instead"
  private let refusal: ReadError?
  private let reachesAll: Bool
  private var snapshots = 0

  init(_ name: String, refusal: ReadError? = nil, reachesAll: Bool = true) {
    self.name = SourceName(rawValue: name)
    self.refusal = refusal
    self.reachesAll = reachesAll
  }

  func reaches(_ view: NamespaceView) -> Bool { reachesAll }
  func beginSnapshot(of chosen: Set<CollectorName>) { snapshots += 1 }

  func countTCP(_ view: NamespaceView, until deadline: Deadline) throws(ReadError) -> Counted<TCPPool> {
    if let refusal { throw refusal }
    return Counted(TCPPool(sockets: SocketCounts(), seesBoundOnly: true, pressure: nil), source: name)
  }

  /// Says as its problem how many snapshots it has been part of.
  func countUDP(_ view: NamespaceView, until deadline: Deadline) throws(ReadError) -> Counted<UDPPool> {
    if let refusal { throw refusal }
    return Counted(UDPPool(sockets: SocketCounts(), pressure: nil), source: name, problem: "snapshot \(snapshots)")
  }

  func fullestTuple(_ view: NamespaceView, until deadline: Deadline) throws(ReadError) -> Counted<FullestTuple> {
    if let refusal { throw refusal }
    return Counted(FullestTuple(used: 7, capacity: view.settings?.pool.capacity ?? 0), source: name)
  }
}

@Suite("A list of sources")
struct SourceListTests {
  private static let refusal = ReadError.systemCall(SystemCallError(call: "bpf", subject: "counter", code: 1))

  private func tcp(_ scraper: PoolScraper) -> CollectorOutcome? {
    scraper.snapshot().outcomes.first { $0.collector == .tcp }
  }

  private func configuration() throws -> (ProcTree, ScraperConfiguration) {
    let tree = try ProcTree()
    return (tree, ScraperConfiguration(proc: ProcFileSystem(root: tree.path)))
  }

  @Test("the first source is used when the host allows it, without a remark")
  func first() throws {
    let (tree, configuration) = try configuration()
    let outcome = tcp(PoolScraper(configuration, sources: [FakeSource("best"), FakeSource("other")]))
    #expect(outcome?.source?.rawValue == "best" && outcome?.remark == nil && outcome?.problem == nil)
    withExtendedLifetime(tree) {}
  }

  @Test("the first that is not refused is used, and one remark says what the best one was refused")
  func fallback() throws {
    let (tree, configuration) = try configuration()
    let second = ReadError.systemCall(SystemCallError(call: "socket", subject: "netlink", code: 1))
    let scraper = PoolScraper(
      configuration,
      sources: [FakeSource("best", refusal: Self.refusal), FakeSource("other", refusal: second), FakeSource("last")])
    let outcome = tcp(scraper)
    #expect(outcome?.source?.rawValue == "last" && outcome?.isSuccess == true)
    #expect(outcome?.remark == "counter: bpf: Operation not permitted; guessing instead")
    withExtendedLifetime(tree) {}
  }

  @Test("what a source cannot reach is not asked of it, which needs no remark")
  func reach() throws {
    let (tree, configuration) = try configuration()
    let outcome = tcp(PoolScraper(configuration, sources: [FakeSource("inside", reachesAll: false), FakeSource("outside")]))
    #expect(outcome?.source?.rawValue == "outside" && outcome?.remark == nil)
    let only = tcp(PoolScraper(configuration, sources: [FakeSource("asked for by name", reachesAll: false)]))
    #expect(only?.source?.rawValue == "asked for by name")
    withExtendedLifetime(tree) {}
  }

  @Test("a deadline that has passed is a failure, not a reason for another source")
  func failure() throws {
    let (tree, configuration) = try configuration()
    let error = ReadError.deadline("table")
    let outcome = tcp(PoolScraper(configuration, sources: [FakeSource("best", refusal: error), FakeSource("other")]))
    #expect(outcome?.source == nil && outcome?.problem == error.description)
    withExtendedLifetime(tree) {}
  }

  @Test("the last refusal is the collector's failure")
  func allRefused() throws {
    let (tree, configuration) = try configuration()
    let outcome = tcp(PoolScraper(configuration, sources: [FakeSource("best", refusal: Self.refusal)]))
    #expect(outcome?.problem == Self.refusal.description)
    withExtendedLifetime(tree) {}
  }

  @Test("a source is told that a snapshot begins, and its problem fails the collector without taking its count away")
  func snapshots() throws {
    let (tree, configuration) = try configuration()
    let scraper = PoolScraper(configuration, sources: [FakeSource("best")])
    _ = scraper.snapshot()
    let second = scraper.snapshot()
    #expect(second.outcomes.first { $0.collector == .udp }?.problem == "snapshot 2")
    #expect(second.own?.udp != nil)
    withExtendedLifetime(tree) {}
  }

  @Test("a look between scrapes takes the fullest tuple from the first source that is allowed")
  func sample() throws {
    let (tree, configuration) = try configuration()
    try tree.write("net/sockstat", "sockets: used 1\nTCP: inuse 60 orphan 0 tw 0 alloc 1 mem 1\nUDP: inuse 0 mem 0\n")
    let scraper = PoolScraper(configuration, sources: [FakeSource("best", refusal: Self.refusal), FakeSource("other")])
    #expect(try scraper.sample() == .walked(used: 7, capacity: 100))
  }

  // MARK: What `--source` chooses

  /// Asks the running kernel about this namespace.
  private func host(_ source: SourceChoice, countsInKernel: Bool = false) -> CollectorOutcome? {
    tcp(PoolScraper(ScraperConfiguration(source: source, countsInKernel: countsInKernel)))
  }

  @Test("sockets are counted in the kernel where that was decided or asked for, and where it is not possible one remark says why")
  func countingInKernel() throws {
    let mayLoad = SocketCounter.mayLoad
    for outcome in [host(.auto, countsInKernel: true), host(.bpf)] {
      let outcome = try #require(outcome)
      #expect(outcome.isSuccess && (outcome.source == .bpf) == (outcome.remark == nil))
      if !mayLoad { #expect(outcome.remark?.contains("counting in the kernel takes") == true && outcome.source != .bpf) }
    }
  }

  @Test(
    "sockets are not counted in the kernel where it was not decided, and nothing is said of it",
    arguments: [SourceChoice.auto, .netlink, .proc])
  func notCountingInKernel(choice: SourceChoice) throws {
    let outcome = try #require(host(choice))
    #expect(outcome.source == (choice == .proc ? .proc : .netlink) && outcome.remark == nil)
    // Only `auto` is free to decide.
    if choice != .auto { #expect(host(choice, countsInKernel: true)?.source == outcome.source) }
  }

  @Test("a copy of the process file system is read, whatever may be counted in the kernel")
  func copy() throws {
    let (tree, configuration) = try configuration()
    var counting = configuration
    counting.countsInKernel = true
    let outcome = tcp(PoolScraper(counting))
    #expect(outcome?.source == .proc && outcome?.remark == nil)
    #expect(!ScraperConfiguration.isWorthLoading(configuration.proc, looks: .max))
    withExtendedLifetime(tree) {}
  }

  @Test("programs are loaded for one look only where many sockets are open, for more looks where fewer are")
  func worthLoading() {
    let most = UInt64(ScraperConfiguration.socketsWorthLoading)
    for (sockets, looks, isWorthIt) in [
      (most - 1, 1, false), (most, 1, true), (1 + most / 10, 10, true), (1, 10, false), (.max, .max, true), (.max, 0, false),
    ] {
      #expect(ScraperConfiguration.isWorthLoading(sockets: sockets, looks: looks) == isWorthIt)
    }
    // Without the rights no number of sockets is enough.
    #expect(ScraperConfiguration.isWorthLoading(ProcFileSystem(), looks: .max) == SocketCounter.mayLoad)
  }
}
