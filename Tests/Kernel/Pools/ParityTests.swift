import PortModel
import Scraper
import TestSupport
import Testing

@Suite("Parity, on the real kernel", .networkNamespaces, .serialized)
struct ParityTests {
  private static func ports(_ sockets: [TestSocket]) -> [UInt16] { sockets.compactMap { $0.localAddress?.port } }

  @Test(
    "connect() takes the parity of the range's low end first, and the other half when that is used up",
    arguments: [40000...40099, 40001...40100] as [ClosedRange<UInt16>])
  func first(pool: ClosedRange<UInt16>) async throws {
    let (ports, free) = try await NetworkNamespace.run(pool: pool) { _ in
      let listener = try TestSocket.listener(a)
      var (held, free): ([TestSocket], [Int]) = ([], [])
      for _ in 0..<10 {
        held += try TestSocket.clients(10, to: a)
        free.append(Scenario.snapshot().namespaces[0].tcp?.pressure?.connect.tuples.first?.firstParityFree ?? -1)
      }
      listener.close()
      return (Self.ports(held), free)
    }
    #expect(ports.prefix(50).allSatisfy { $0 % 2 == pool.lowerBound % 2 })
    #expect(ports.dropFirst(50).allSatisfy { $0 % 2 != pool.lowerBound % 2 })
    #expect(free == [40, 30, 20, 10, 0, 0, 0, 0, 0, 0])
  }

  @Test("programs that bind before they connect are given the other parity, and are told by it")
  func wrong() async throws {
    let (ports, pressure) = try await NetworkNamespace.run { _ in
      let listeners = try TestSocket.listeners([a, b])
      let binding = try TestSocket.clients(12, to: b, source: .bindFirst("127.0.0.1"))
      let connecting = try TestSocket.clients(20, to: a)
      defer { withExtendedLifetime((listeners, connecting)) {} }
      return (Self.ports(binding), Scenario.snapshot().namespaces[0].tcp?.pressure)
    }
    #expect(ports.allSatisfy { $0 % 2 == 1 })
    #expect(pressure?.wrongParity == 12)
  }

  @Test(
    "sockets with a range of their own get ports of its first parity, or of both, and look as if they had been bound before",
    .enabled(if: KernelUnderTest.abilities[.hasSocketRange] == true, "this kernel has no IP_LOCAL_PORT_RANGE"))
  func ownRange() async throws {
    let (ports, wrong) = try await NetworkNamespace.run { _ in
      let listener = try TestSocket.listener(a)
      let clients = try (0..<30).map { _ in
        let socket = try TestSocket(.tcp)
        try socket.set(0, 51, 40070 << 16 | 40011)
        try socket.connect(a)
        return socket
      }
      defer { withExtendedLifetime((listener, clients)) {} }
      return (Self.ports(clients), Scenario.snapshot().namespaces[0].tcp?.pressure?.wrongParity)
    }
    let odd = ports.count { $0 % 2 == 1 }
    AnswerLog.note("parity of 30 ports out of 40011–40070 by IP_LOCAL_PORT_RANGE", odd == 30 ? "that of 40011" : "both")
    #expect(ports.allSatisfy { (40011...40070).contains($0) } && odd > 0)
    #expect(wrong == odd)
  }

  @Test("a tuple that has used up its first parity accuses nobody")
  func innocent() async throws {
    let pressure = try await NetworkNamespace.run { _ in
      let listener = try TestSocket.listener(a)
      let held = try TestSocket.clients(80, to: a)
      defer { withExtendedLifetime((listener, held)) {} }
      return Scenario.snapshot().namespaces[0].tcp?.pressure
    }
    #expect(pressure?.wrongParity == 0)
    #expect(pressure?.connect.tuples.map(\.firstParityFree) == [0])
    #expect(pressure?.connect.tuples.map(\.headroom) == [20])
  }
}
