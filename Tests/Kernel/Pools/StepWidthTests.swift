import PortModel
import Scraper
import TestSupport
import Testing

/// `ip_local_port_step_width` (Linux 7.2): the port that is tried next lies up to that much further on, rather than beside the one before. The step and
/// the number of ports have no common divisor, so that all are tried in the end.
@Suite(
  "ports tried in steps, on the real kernel", .networkNamespaces,
  .enabled(if: KernelUnderTest.abilities[.hasStepWidth] == true, "this kernel has no ip_local_port_step_width"), .serialized)
struct StepWidthTests {
  private static func scenario(_ width: Int, pool: ClosedRange<UInt16>, used: Int, _ question: Question, _ left: Int) -> Scenario {
    Scenario(
      "\(pool.count) ports in steps of up to \(width), \(used) used", pool: pool, sysctls: ["ip_local_port_step_width": "\(width)"],
      question, left
    ) {
      [try .listener(a)] + (try TestSocket.clients(used, to: a))
    }
  }

  @Test(
    "what is predicted is what the kernel gives, of ranges that many steps divide as well",
    arguments: [
      scenario(1, pool: 40000...40099, used: 60, .connect(from: "127.0.0.1", to: a), 40),
      scenario(7, pool: 40000...40097, used: 10, .connect(from: "127.0.0.1", to: a), 88),
      scenario(30, pool: 40001...40060, used: 35, .connect(from: "127.0.0.1", to: a), 25),
      scenario(1000, pool: 40000...40099, used: 40, .connect(from: "127.0.0.1", to: a), 60),
      scenario(1000, pool: 40000...40001, used: 1, .connect(from: "127.0.0.1", to: a), 1),
      scenario(50, pool: 40000...40099, used: 40, .bind("127.0.0.1"), 60),
      scenario(50, pool: 40000...40099, used: 40, .send(to: SocketAddress("127.0.0.1", 9999)), 100),
    ])
  func predicted(scenario: Scenario) async throws {
    try await scenario.run()
  }

  @Test("connect() still takes the first parity first, and bind() the other", arguments: ["1", "7", "50", "1000"])
  func parity(width: String) async throws {
    let (connecting, binding) = try await NetworkNamespace.run(sysctls: ["ipv4/ip_local_port_step_width": width]) { _ in
      let listener = try TestSocket.listener(a)
      let clients = try TestSocket.clients(50, to: a)
      let connecting = clients.compactMap { $0.localAddress?.port }
      for client in clients {
        try client.resetOnClose()
        client.close()
      }
      let bound = try (0..<50).map { _ in try TestSocket.bound(to: SocketAddress("127.0.0.1")) }
      withExtendedLifetime(listener) {}
      return (connecting, bound.compactMap { $0.localAddress?.port })
    }
    #expect(connecting.count { $0 % 2 == 0 } == 50)
    #expect(binding.count { $0 % 2 == 1 } == 50)
  }
}
