import TestSupport
import Testing

@Suite("Network namespaces", .networkNamespaces)
struct NetworkNamespaceTests {
  let destination = SocketAddress("127.0.0.1", 8080)

  @Test("a namespace has the pool it was given, and no more connects")
  func pool() async throws {
    let left = try await NetworkNamespace.run { [destination] _ in
      let listener = try TestSocket.listener(destination)
      defer { listener.close() }
      let held = try TestSocket.clients(30, to: destination)
      return (Refusal.ofConnects(to: destination), held.count)
    }
    #expect(left.0 == Refusal(count: 70, number: 99), "EADDRNOTAVAIL")
  }

  @Test("a client that binds first takes its port from every destination")
  func bindFirst() async throws {
    let left = try await NetworkNamespace.run(pool: 40000...40009) { _ in
      let (a, b) = (SocketAddress("127.0.0.1", 8080), SocketAddress("127.0.0.2", 8080))
      let listeners = try [a, b].map { try TestSocket.listener($0) }
      let held = try TestSocket.clients(3, to: a, source: .bindFirst("0.0.0.0"))
      return (Refusal.ofConnects(to: b).count, held.count + listeners.count)
    }
    #expect(left.0 == 7)
  }

  @Test(
    "TIME_WAIT on the client's side holds its ports unless they may be reused", arguments: ["0": 60, "2": 100].map { ($0.key, $0.value) })
  func timeWait(reuse: String, expected: Int) async throws {
    let left = try await NetworkNamespace.run(sysctls: ["ipv4/tcp_tw_reuse": reuse]) { [destination] _ in
      let listener = try TestSocket.clientTimeWait(40, to: destination, age: 1.3)
      defer { listener.close() }
      return Refusal.ofConnects(to: destination).count
    }
    #expect(left == expected)
  }

  @Test("TIME_WAIT on the server's side holds nothing of the pool")
  func serverTimeWait() async throws {
    let left = try await NetworkNamespace.run(sysctls: ["ipv4/tcp_tw_reuse": "0"]) { [destination] _ in
      let listener = try TestSocket.serverTimeWait(40, to: destination)
      defer { listener.close() }
      return Refusal.ofConnects(to: destination).count
    }
    #expect(left == 100)
  }

  @Test("FIN_WAIT2 and SYN_SENT hold their ports")
  func halfOpenAndHalfClosed() async throws {
    let left = try await NetworkNamespace.run { [destination] _ in
      let closing = try TestSocket.halfClosed(20, to: destination)
      let other = SocketAddress("127.0.0.2", 8080)
      let opening = try TestSocket.synSent(10, to: other)
      var sum = closing.clients.count + opening.clients.count
      for target in [destination, other] {
        sum += Refusal.after { () throws(SystemCallFailure) in try .client(to: target, waiting: false) }.count
      }
      return sum
    }
    #expect(left == 200)
  }

  @Test("an unbound UDP sender needs a port that is free everywhere")
  func senders() async throws {
    let left = try await NetworkNamespace.run { _ in
      let bound = try (0..<30).map { _ in try TestSocket.bound(.udp, to: SocketAddress("127.0.0.9")) }
      return (Refusal.ofSenders(), Refusal.ofBinds(.udp, to: "::1"), bound.count)
    }
    #expect(left.0 == Refusal(count: 70, number: 11), "EAGAIN")
    #expect(left.1 == Refusal(count: 100, number: 98), "EADDRINUSE")
  }

  @Test("a program started in a namespace sees that namespace")
  func program() async throws {
    let outcome = try await NetworkNamespace.run { _ in try ChildProgram.run("cat", ["/proc/sys/net/ipv4/ip_local_port_range"]) }
    #expect(outcome.standardOutput == "40000\t40099\n")
    let outside = try ChildProgram.run("cat", ["/proc/sys/net/ipv4/ip_local_port_range"])
    #expect(outside.standardOutput != outcome.standardOutput)
  }
}
