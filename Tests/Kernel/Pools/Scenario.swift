import Kernel
import PortModel
import Scraper
import TestSupport
import Testing

/// Real sockets in a namespace of 100 ports, and what is left next to them.
struct Scenario: Sendable, CustomTestStringConvertible {
  let name: String
  let pool: ClosedRange<UInt16>
  /// Below `/proc/sys/net/ipv4`.
  let sysctls: [String: String]
  /// Asked one after the other; what one of them takes, it gives back.
  let answers: [Answer]
  /// Makes the sockets; they are held until the questions are answered.
  let arrange: @Sendable () throws -> [TestSocket]
  /// The answer holds for less than a second. Only inet_diag and `/proc` are asked: counting in an emulated kernel takes too long for that.
  let isBrief: Bool

  init(
    _ name: String, pool: ClosedRange<UInt16> = 40000...40099, sysctls: [String: String] = [:], isBrief: Bool = false, _ answers: [Answer],
    _ arrange: @escaping @Sendable () throws -> [TestSocket]
  ) {
    self.name = name
    self.isBrief = isBrief
    self.pool = pool
    self.sysctls = sysctls
    self.answers = answers
    self.arrange = arrange
  }

  /// A scenario with one question.
  init(
    _ name: String, pool: ClosedRange<UInt16> = 40000...40099, sysctls: [String: String] = [:], isBrief: Bool = false,
    _ question: Question, _ left: Int, proc: Int? = nil, netlink: Int? = nil, unlisted: Int? = nil, bpf: Int? = nil,
    _ arrange: @escaping @Sendable () throws -> [TestSocket]
  ) {
    self.init(
      name, pool: pool, sysctls: sysctls, isBrief: isBrief,
      [Answer(question, left, proc: proc, netlink: netlink, unlisted: unlisted, bpf: bpf)],
      arrange)
  }

  var testDescription: String { name }

  /// Arranges the sockets, asks every source, and inet_diag once more as it is asked in a pool that was empty before; then asks the kernel.
  func run() async throws {
    let (pool, sysctls, answers, arrange) = (pool, sysctls, answers, arrange)
    let countsInKernel = KernelUnderTest.countsInKernel && !isBrief
    let result = try await NetworkNamespace.run(pool: pool) { namespace in
      for (name, value) in sysctls { try namespace.set("ipv4/\(name)", value) }
      let collectors = Set(answers.map(\.question.collector))
      let watcher = Self.scraper(.netlink)
      _ = watcher.snapshot(collectors)
      let sockets = try arrange()
      defer { withExtendedLifetime(sockets) {} }
      let (proc, netlink) = (Self.snapshot(.proc, collectors), Self.snapshot(.netlink, collectors))
      let later = watcher.snapshot(collectors)
      let bpf = countsInKernel ? Self.snapshot(.bpf, collectors) : nil
      let lines = answers.map { answer in
        let question = answer.question
        return Line(
          proc: question.predicted(proc.namespaces[0]), netlink: question.predicted(netlink.namespaces[0]),
          later: question.predicted(later.namespaces[0]), bpf: bpf.flatMap { question.predicted($0.namespaces[0]) },
          kernel: question.observed().description)
      }
      return (lines, proc.problems + netlink.problems + later.problems + (bpf.map { $0.problems + $0.remarks } ?? []))
    }
    #expect(result.1.isEmpty)
    for (answer, line) in zip(answers, result.0) {
      AnswerLog.note(name, answer.question, line)
      let expected = Line(
        proc: answer.proc, netlink: answer.netlink, later: answer.netlink, bpf: countsInKernel ? answer.bpf : nil,
        kernel: "\(answer.left), then \(answer.question.refusal)")
      #expect(line == expected, "\(answer.question)")
    }
  }

  /// A snapshot of the calling thread's namespace.
  static func snapshot(_ source: Scraper.SourceChoice = .proc, _ collectors: Set<CollectorName> = [.tcp]) -> PoolSnapshot {
    scraper(source).snapshot(collectors)
  }

  /// A scraper of the calling thread's namespace.
  static func scraper(_ source: Scraper.SourceChoice) -> PoolScraper {
    PoolScraper(
      ScraperConfiguration(proc: ProcFileSystem(view: .thread), source: source, tupleLimit: nil), abilities: KernelUnderTest.abilities)
  }
}

/// What the sources and the kernel said to a question.
struct Line: Sendable, Hashable {
  let proc: Int?
  let netlink: Int?
  /// What inet_diag said to a scraper that had seen no port of the pool bound.
  let later: Int?
  /// What was counted in the kernel, where it is.
  let bpf: Int?
  let kernel: String
}

/// The two destinations of most scenarios.
let (a, b) = (SocketAddress("127.0.0.1", 8080), SocketAddress("127.0.0.2", 8080))

extension ClosingConnections {
  /// All of them, to be held.
  var sockets: [TestSocket] { [listener] + clients + servers }
}
