import Exposition
import Foundation
import Kernel
import Metrics
import PortModel
import Scraper
import TestSupport
import Testing

/// A namespace that lives on, with a process and sockets in it, while a test looks at it from outside.
final class HeldNamespace: Sendable {
  /// The inode of `/proc/PID/ns/net`, which is also its label.
  let label: String
  /// A process that does nothing but be there.
  let holder: ChildProgram
  /// How many more connects to ``destination`` the kernel allowed.
  let connectsLeft: Int
  /// What `tcp_ehash_entries` says: how many buckets the table of connections has, negative if it is everybody's. `nil` before Linux 6.1.
  let tableSize: Int?
  private let sockets: [TestSocket]

  static let destination = SocketAddress("127.0.0.1", 8080)
  /// The beginning of a holder that is user 65534.
  static let asNobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]

  private init(_ label: String, _ holder: ChildProgram, _ sockets: [TestSocket], _ connectsLeft: Int, _ tableSize: Int?) {
    self.label = label
    self.holder = holder
    self.sockets = sockets
    self.connectsLeft = connectsLeft
    self.tableSize = tableSize
  }

  /// - Parameters:
  ///   - clients: connections over loopback to a listener on ``destination``.
  ///   - holder: the command to run in there, which becomes `sleep`.
  ///   - tableSize: the buckets of a table of connections of its own; `nil` for the one that all share.
  static func make(
    pool: ClosedRange<UInt16>, clients: Int, sysctls: KeyValuePairs<String, String> = [:], holder command: [String] = ["sleep", "600"],
    tableSize: Int? = nil
  ) async throws -> HeldNamespace {
    try await NetworkNamespace.run(pool: pool, sysctls: sysctls) { namespace in
      var namespace = namespace
      if let tableSize {
        // It is the parent's to say, before there is a child.
        try namespace.set("ipv4/tcp_child_ehash_entries", "\(tableSize)")
        namespace = try namespace.another()
        try namespace.set("ipv4/ip_local_port_range", "\(pool.lowerBound) \(pool.upperBound)")
      }
      let size = (try? String(contentsOfFile: "/proc/sys/net/ipv4/tcp_ehash_entries", encoding: .utf8)).flatMap {
        Int($0.trimmingCharacters(in: .whitespacesAndNewlines))
      }
      let holder = try ChildProgram("env", command)
      let listener = try TestSocket.listener(destination)
      var held = [listener] + (try TestSocket.clients(clients, to: destination))
      held += listener.acceptAll()
      let left = try connectsLeft()
      // What was reset still waits to be accepted, and counts as a socket until then.
      _ = listener.acceptAll()
      // What it was before may have been another user's.
      try Until.holds { try String(contentsOfFile: "/proc/\(holder.pid)/comm", encoding: .utf8) == "sleep\n" }
      return HeldNamespace(try label(of: namespace.path), holder, held, left, size)
    }
  }

  /// Connects until the kernel refuses, and takes all of it back without a TIME_WAIT.
  private static func connectsLeft() throws -> Int {
    var more: [TestSocket] = []
    defer { for socket in more { try? socket.resetOnClose() } }
    do throws(SystemCallFailure) {
      while more.count < 1000 { more.append(try .client(to: destination)) }
    } catch {
      guard error.number == EADDRNOTAVAIL else { throw error }
    }
    return more.count
  }

  static func label(of path: String) throws -> String { "\(try NamespaceFile.id(of: path).rawValue)" }
}

extension PoolScraper {
  /// A scraper that looks at the namespaces with these labels and at no other.
  convenience init(only labels: [String], maximum: Int = 100, walkShare: Double = 0.1, source: Scraper.SourceChoice = .auto) {
    self.init(
      ScraperConfiguration(
        source: source,
        namespaces: NamespaceOptions(include: labels.map(GlobPattern.init), maximum: maximum, walkShare: walkShare)))
  }

  /// What is seen of other namespaces now. The test's own is not walked: who knows what goes on there.
  func others() -> PoolSnapshot { snapshot([.settings, .namespaces]) }
}

extension PoolSnapshot {
  func namespace(_ label: String) -> NamespaceSnapshot? { namespaces.first { $0.name == label } }
}

extension NamespaceSnapshot {
  var worst: TupleHeadroom? { tcp?.pressure?.connect.worst[.ipv4] }
}

extension PoolMetrics {
  /// The samples as text, one a line.
  func lines(of snapshot: PoolSnapshot) -> [String] {
    String(decoding: metrics(of: snapshot).encoded(as: .text004), as: UTF8.self).split(separator: "\n").map(String.init)
  }
}

extension Trait where Self == ConditionTrait {
  /// Skips a test where no program can be started as another user: the `setpriv` of busybox does less.
  static var programsOfNobody: Self {
    .enabled("there is no setpriv that changes the user") {
      (try? ChildProgram.run("env", HeldNamespace.asNobody + ["true"]).status) == 0
    }
  }
}
