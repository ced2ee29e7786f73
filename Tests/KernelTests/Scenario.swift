import Kernel
import PortModel
import Scraper
import TestSupport
import Testing

/// Real sockets in a namespace of 100 ports, a question, and how many times the kernel says yes.
struct Scenario: Sendable, CustomTestStringConvertible {
  let name: String
  let pool: ClosedRange<UInt16>
  /// Below `/proc/sys/net/ipv4`.
  let sysctls: [String: String]
  let question: Question
  /// What the kernel is known to give.
  let left: Int
  /// What each source predicts, where it cannot know better than that.
  let proc: Int
  let netlink: Int
  /// Makes the sockets; they are held until the question is answered.
  let arrange: @Sendable () throws -> [TestSocket]

  init(
    _ name: String, pool: ClosedRange<UInt16> = 40000...40099, sysctls: [String: String] = [:], _ question: Question, _ left: Int,
    proc: Int? = nil, netlink: Int? = nil, _ arrange: @escaping @Sendable () throws -> [TestSocket]
  ) {
    self.name = name
    self.pool = pool
    self.sysctls = sysctls
    self.question = question
    self.left = left
    self.proc = proc ?? left
    self.netlink = netlink ?? left
    self.arrange = arrange
  }

  var testDescription: String { name }

  /// Arranges the sockets, asks both sources, then asks the kernel.
  func run() async throws {
    let (pool, sysctls, question, arrange) = (pool, sysctls, question, arrange)
    let result = try await NetworkNamespace.run(pool: pool) { namespace in
      for (name, value) in sysctls { try namespace.set("ipv4/\(name)", value) }
      let sockets = try arrange()
      defer { withExtendedLifetime(sockets) {} }
      let predictions = [Scraper.SourceChoice.proc, .netlink].map { source in
        let snapshot = Self.snapshot(source, [question.collector])
        return Prediction(left: question.predicted(snapshot.namespaces[0]), problems: snapshot.problems)
      }
      return (predictions, question.observed())
    }
    #expect(result.0[0] == Prediction(left: proc, problems: []), "/proc")
    #expect(result.0[1] == Prediction(left: netlink, problems: []), "inet_diag")
    #expect(result.1.description == "\(left), then \(question.refusal)", "the kernel")
  }

  /// A snapshot of the calling thread's namespace.
  static func snapshot(_ source: Scraper.SourceChoice = .proc, _ collectors: Set<CollectorName> = [.tcp]) -> PoolSnapshot {
    PoolScraper(ScraperConfiguration(proc: ProcFileSystem(view: .thread), source: source, tupleLimit: nil)).snapshot(collectors)
  }
}

/// What a source said.
struct Prediction: Sendable, Hashable {
  let left: Int?
  let problems: [String]
}

/// The two destinations of most scenarios.
let (a, b) = (SocketAddress("127.0.0.1", 8080), SocketAddress("127.0.0.2", 8080))

extension ClosingConnections {
  /// All of them, to be held.
  var sockets: [TestSocket] { [listener] + clients + servers }
}
