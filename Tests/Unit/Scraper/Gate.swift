import Dispatch
import Kernel
import PortModel
import Scraper
import Synchronization

/// Where a collector of a test stops while it is closed.
final class Gate: Sendable {
  private struct State {
    var isClosed = false
    var asked = 0
    var hadPassed: [Bool] = []
  }

  private let state = Mutex(State())
  private let entered = DispatchSemaphore(value: 0)
  private let opened = DispatchSemaphore(value: 0)

  /// How often its collector was asked.
  var asked: Int { state.withLock { $0.asked } }
  /// Whether the deadline had passed when the collector went on, each time.
  var hadPassed: [Bool] { state.withLock { $0.hadPassed } }

  func close() { state.withLock { $0.isClosed = true } }

  /// Waits until a collector has come to the closed gate.
  func waitForEntry() { entered.wait() }

  /// Opens the gate for the collector that waits and for all that come.
  func open() {
    state.withLock { $0.isClosed = false }
    opened.signal()
  }

  func pass(_ deadline: Deadline) {
    let waits = state.withLock { state in
      state.asked += 1
      return state.isClosed
    }
    if waits {
      entered.signal()
      opened.wait()
    }
    state.withLock { $0.hadPassed.append(deadline.hasPassed) }
  }

  private static let all = Mutex<[String: Gate]>([:])

  /// The gate of a collector in a scraper whose process file system is at `root`, which no two tests share.
  static func of(_ collector: CollectorName, _ root: String) -> Gate {
    all.withLock { all in
      let gate = all["\(root) \(collector.rawValue)"] ?? Gate()
      all["\(root) \(collector.rawValue)"] = gate
      return gate
    }
  }
}

/// A collector that finds something once it is through its gate.
protocol GatedCollector: Collector {
  var root: String { get }
  init(root: String)
}

extension GatedCollector {
  init(_ configuration: ScraperConfiguration) { self.init(root: configuration.proc.root) }
  static var isDefault: Bool { true }
  static var help: String { "A test" }
  static var reach: CollectorReach { .ownNamespace }

  func collect(_ look: inout NamespaceLook) throws(ReadError) -> CollectorReport {
    Gate.of(Self.name, root).pass(look.deadline)
    look.collected[Found<Self>.self] = Found()
    return CollectorReport()
  }
}

/// What a gated collector finds.
struct Found<Finder>: CollectedValue {}

final class SlowCollector: GatedCollector {
  static let name = CollectorName(rawValue: "slow")
  let root: String
  init(root: String) { self.root = root }
}

final class QuickCollector: GatedCollector {
  static let name = CollectorName(rawValue: "quick")
  let root: String
  init(root: String) { self.root = root }
}

final class GatedSettingsCollector: GatedCollector {
  static let name = CollectorName.settings
  let root: String
  init(root: String) { self.root = root }
}
