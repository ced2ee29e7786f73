import Kernel
import PortModel
import TestSupport
import Testing

/// Each search of the kernel for a port is timed, and nothing else is.
@Suite("the search for a port", .networkNamespaces, .searchesTimed, .serialized)
struct PortSearchTests {
  /// How many searches of each kind were made while `body` ran, by this program or another of the host.
  private static func searches(_ body: () throws -> Void) throws -> [PortSearches.Kind: UInt64] {
    let before = try PortSearchTimer.reading().times
    try body()
    let after = try PortSearchTimer.reading().times
    return after.mapValues(\.count).merging(before.mapValues(\.count)) { $0 - $1 }
  }

  /// Expects that `body` makes so many searches and no other. What other programs search for is counted too, so that of several rounds the one with the
  /// fewest counts.
  private func expect(
    connect: UInt64 = 0, bind: UInt64 = 0, udp: UInt64 = 0, _ comment: Comment, _ body: @escaping @Sendable () throws -> Void
  ) async throws {
    let rounds = try await NetworkNamespace.run(pool: 40000...40009) { _ in try (0..<5).map { _ in try Self.searches(body) } }
    for (kind, count) in [PortSearches.Kind.connect: connect, .bind: bind, .udp: udp] {
      #expect(rounds.map { $0[kind] ?? 0 }.min() == count, "\(kind): \(comment)")
    }
  }

  /// So many calls of `make`, whether they fail or not; the sockets are closed afterwards and leave no TIME_WAIT.
  private static func attempt(_ count: Int, _ make: () throws(SystemCallFailure) -> TestSocket) {
    let held = (0..<count).compactMap { _ in try? make() }
    for socket in held { try? socket.resetOnClose() }
    withExtendedLifetime(held) {}
  }

  @Test("connect() of a TCP socket without a port, over IPv4, IPv6 and IPv4 from an IPv6 socket, whether it gets one or not")
  func connect() async throws {
    try await expect(connect: 23, "11 of IPv4, of which one fails, 5 of an address, 4 mapped, 3 of IPv6") {
      let listeners = try (TestSocket.listener(a), TestSocket.listener(SocketAddress("::1", 8080)))
      Self.attempt(11) { () throws(SystemCallFailure) in try .client(to: a) }
      Self.attempt(5) { () throws(SystemCallFailure) in try .client(to: a, source: .addressOnly("127.0.0.5")) }
      Self.attempt(4) { () throws(SystemCallFailure) in try .client(to: SocketAddress("::ffff:127.0.0.1", 8080)) }
      Self.attempt(3) { () throws(SystemCallFailure) in try .client(to: SocketAddress("::1", 8080)) }
      withExtendedLifetime(listeners) {}
    }
  }

  @Test("bind() to port 0 and listen() without bind()")
  func bind() async throws {
    try await expect(bind: 14, "12 binds, of which two fail, and 2 listeners, in vain") {
      let ports = (0..<12).compactMap { _ in try? TestSocket.bound(to: SocketAddress("127.0.0.1")) }
      #expect(ports.count == 10)
      Self.attempt(2) { () throws(SystemCallFailure) in
        let socket = try TestSocket(.tcp)
        try socket.listen()
        return socket
      }
      withExtendedLifetime(ports) {}
    }
  }

  @Test("bind() to port 0 and connect() of a UDP socket")
  func udp() async throws {
    try await expect(udp: 15, "12 connects, of which two fail, and then 3 binds in vain") {
      let senders = (0..<12).compactMap { _ in try? TestSocket.client(.udp, to: SocketAddress("127.0.0.1", 9)) }
      #expect(senders.count == 10)
      Self.attempt(3) { () throws(SystemCallFailure) in try .bound(.udp, to: SocketAddress("127.0.0.1")) }
      withExtendedLifetime(senders) {}
    }
  }

  @Test("a port of the program's choice is not searched for, nor does a socket that has a port look for one when it connects")
  func chosen() async throws {
    try await expect("listen() and bind() by number, and connect() after that") {
      let listener = try TestSocket.listener(a)
      Self.attempt(3) { () throws(SystemCallFailure) in try .client(to: a, source: .fixed("127.0.0.9", 50000)) }
      Self.attempt(2) { () throws(SystemCallFailure) in try .bound(.udp, to: SocketAddress("127.0.0.1", 50000)) }
      Self.attempt(2) { () throws(SystemCallFailure) in try .bound(to: a) }
      withExtendedLifetime(listener) {}
    }
    try await expect(bind: 4, "bind() to port 0 and then connect()") {
      let listener = try TestSocket.listener(a)
      Self.attempt(4) { () throws(SystemCallFailure) in try .client(to: a, source: .bindFirst("127.0.0.9")) }
      withExtendedLifetime(listener) {}
    }
  }

  /// On a preemptible kernel a program is not run for a thread that came in between while another on the same processor was in it.
  @Test("of many threads that search at the same moment no search is counted twice, and its time is its own")
  func together() async throws {
    let (threads, each) = (8, 400)
    let found = try await NetworkNamespace.run(pool: 40000...49999) { _ in
      let before = try #require(try PortSearchTimer.reading().times[.connect])
      let listener = try TestSocket.listener(a)
      let start = ContinuousClock.now
      let outcomes = (0..<threads).map { _ in Mailbox<Bool>() }
      for outcome in outcomes {
        _ = DetachedThread.start {
          Self.attempt(each) { () throws(SystemCallFailure) in try .client(to: a) }
          outcome.put(true)
        }
      }
      for outcome in outcomes { _ = outcome.take() }
      let took = ContinuousClock.now - start
      withExtendedLifetime(listener) {}
      let after = try #require(try PortSearchTimer.reading().times[.connect])
      return (count: after.count - before.count, sum: after.sum - before.sum, took: took / .seconds(1))
    }
    // Other programs of the host may add a few.
    #expect(threads * each / 2...threads * each + 50 ~= Int(found.count), "\(found)")
    #expect(found.sum > 0 && found.sum < found.took * Double(threads), "\(found)")
  }

  /// Below half of the range a search finds a port at once; above, it goes through all ports of one parity in vain.
  @Test("once half of the range is taken for a destination, most searches of connect() take longer than most took before")
  func knee() async throws {
    let capacity = 4000
    let (below, above) = try await NetworkNamespace.run(pool: 40000...43999) { _ in
      let listeners = try [TestSocket.listener(a), TestSocket.listener(b)]
      let start = try Self.connectBuckets()
      var held = try TestSocket.clients(capacity * 45 / 100, to: a)
      let middle = try Self.connectBuckets()
      held += try TestSocket.clients(capacity * 10 / 100, to: a)
      let half = try Self.connectBuckets()
      held += try TestSocket.clients(capacity * 40 / 100, to: a)
      let end = try Self.connectBuckets()
      for socket in held { try socket.resetOnClose() }
      withExtendedLifetime((listeners, held)) {}
      return (zip(middle, start).map { $0 - $1 }, zip(end, half).map { $0 - $1 })
    }
    #expect(Self.median(below) < Self.median(above), "\(below) and \(above)")
  }

  private static func connectBuckets() throws -> [UInt64] { try #require(try PortSearchTimer.reading().times[.connect]).bucketCounts }

  /// The bucket that half of the observations are in or below.
  private static func median(_ counts: [UInt64]) -> Int {
    var seen: UInt64 = 0
    return counts.firstIndex { count in
      seen += count
      return seen * 2 >= counts.reduce(0, +)
    } ?? 0
  }
}
