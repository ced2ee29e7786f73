internal import CTestSupport
internal import Glibc
package import Testing

/// A network namespace that a test made for itself, with `lo` up and nothing else in it.
///
/// It lives as long as the closure that was given it, and as the programs started in there.
package struct NetworkNamespace: Sendable {
  /// The thread that is in the namespace: `/proc/PID/task/TID`. `/proc/net` would be the main thread's.
  package let threadPath: String

  /// The number of that thread, which is also a process's in `/proc`.
  package let thread: Int32

  /// The descriptor file that `setns` takes: `/proc/PID/task/TID/ns/net`.
  package var path: String { threadPath + "/ns/net" }

  /// Whether this process may make a namespace.
  package static let isPermitted: Bool = {
    let outcome = Mailbox<Bool>()
    guard DetachedThread.start({ outcome.put(test_unshare_network() == 0) }) else { return false }
    return outcome.take()
  }()

  /// Runs `body` on a thread of its own that is in a new namespace and ends with `body`.
  ///
  /// - Parameters:
  ///   - pool: the namespace's `ip_local_port_range`; the kernel's default when `nil`.
  ///   - sysctls: values below `/proc/sys/net`, such as `["ipv4/tcp_tw_reuse": "0"]`, written before `body` runs.
  /// - Throws: what `body` throws; `SystemCallFailure` when the kernel gives no namespace.
  package static func run<Result: Sendable>(
    pool: ClosedRange<UInt16>? = 40000...40099, sysctls: KeyValuePairs<String, String> = [:],
    _ body: @escaping @Sendable (NetworkNamespace) throws -> Result
  ) async throws -> Result {
    var settings = pool.map { [("ipv4/ip_local_port_range", "\($0.lowerBound) \($0.upperBound)")] } ?? []
    settings += sysctls.map { ($0.key, $0.value) }
    return try await DetachedThread.run { [settings] in
      let namespace = try NetworkNamespace()
      for (name, value) in settings { try namespace.set(name, value) }
      return try body(namespace)
    }
  }

  /// Moves the calling thread into a new namespace.
  private init() throws(SystemCallFailure) {
    guard test_unshare_network() == 0 else { throw SystemCallFailure("unshare(CLONE_NEWNET)") }
    guard unsafe test_interface_up("lo") == 0 else { throw SystemCallFailure("SIOCSIFFLAGS lo") }
    thread = Int32(test_thread_id())
    threadPath = "/proc/\(getpid())/task/\(thread)"
  }

  /// Moves the calling thread on into another new namespace, which is made as this one's settings say.
  package func another() throws(SystemCallFailure) -> NetworkNamespace { try NetworkNamespace() }

  /// Writes a value below `/proc/sys/net`; only on the thread that runs the closure.
  package func set(_ sysctl: String, _ value: String) throws(SystemCallFailure) {
    let path = "/proc/sys/net/" + sysctl
    let descriptor = unsafe open(path, O_WRONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw SystemCallFailure("open \(path)") }
    defer { close(descriptor) }
    let bytes = Array(value.utf8)
    guard unsafe write(descriptor, bytes, bytes.count) == bytes.count else { throw SystemCallFailure("write \"\(value)\" to \(path)") }
  }
}

extension NetworkNamespace {
  /// Runs `ip` with these words in the namespace; only on the thread that runs the closure.
  package func ip(_ words: String...) throws { try ip(words) }

  /// Runs many commands of `ip`, a line each: `route add blackhole 10.0.7.0/24`.
  package func ip(batch lines: [String]) throws {
    let folder = try TemporaryFolder()
    try ip(["-batch", try folder.file("batch", lines.joined(separator: "\n") + "\n")])
  }

  private func ip(_ words: [String]) throws {
    let outcome = try ChildProgram.run("ip", words)
    try #require(outcome.status == 0, "ip \(words.joined(separator: " ")): \(outcome)")
  }
}

extension Trait where Self == ConditionTrait {
  /// Skips a test, and says why, where no network namespace can be made.
  package static var networkNamespaces: Self {
    .enabled(if: NetworkNamespace.isPermitted, "needs root: network namespaces")
  }
}
