import Endpoint
import Foundation
import TestSupport
import Testing

@Suite struct BindTests {
  @Test("an address without a host serves IPv4 and IPv6 on one port")
  func dualStack() async throws {
    try await TestServer.run(listen: [.anyAddress(port: 0)]) { server in
      let port = server.port
      for host in ["127.0.0.1", "::1"] {
        let text = try await blocking {
          let client = try RawClient(port: port, host: host)
          client.send("GET /-/healthy HTTP/1.0\r\n\r\n")
          return client.receiveToEnd() ?? ""
        }
        #expect(text.contains("is Healthy."), "over \(host)")
      }
    }
  }

  @Test("several addresses, a name among them, are served together")
  func several() async throws {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString.prefix(8)).sock").path
    try await TestServer.run(listen: [.host("localhost", port: 0), .host("::1", port: 0), .unixSocket(path: path)]) { server in
      let addresses = server.endpoint.boundAddresses
      #expect(addresses.count == 3)
      #expect(addresses[1].description.hasPrefix("[::1]:"))
      #expect(addresses[2].description == "unix:\(path)")
      let text = try await blocking {
        let client = try RawClient(unixPath: path)
        client.send("GET /-/ready HTTP/1.0\r\n\r\n")
        return client.receiveToEnd() ?? ""
      }
      #expect(text.contains("is Ready."))
    }
  }

  @Test("a port in use is named with the way to find who has it, and nothing is left listening")
  func inUse() async throws {
    try await TestServer.run { server in
      let free = try await TestServer.run { $0.port }
      let configuration = try EndpointConfiguration(listenAddresses: [
        .host("127.0.0.1", port: free), .host("127.0.0.1", port: server.port),
      ])
      let second = Endpoint(configuration: configuration, content: .sample(), log: LogRecorder().log)
      await #expect {
        try await second.bind()
      } throws: { error in
        let sentence = String(describing: error)
        return sentence.contains("--web.listen-address 127.0.0.1:\(server.port)") && sentence.contains("in use")
          && sentence.contains("ss -ltnp 'sport = :\(server.port)'") && sentence.contains("portpool explain \(server.port)")
      }
      await #expect(throws: SystemCallFailure.self) { try await blocking { try RawClient(port: free) } }
    }
  }

  @Test(
    "an address that cannot be bound is named with cause and remedy",
    arguments: [
      (ListenAddress.host("192.0.2.1", port: 0), "does not have the address"),
      (.host("no.such.host.invalid", port: 80), "cannot be used"),
      (.unixSocket(path: "/nonexistent/directory/p.sock"), "directory does not exist"),
    ])
  func cannot(address: ListenAddress, cause: String) async throws {
    let endpoint = Endpoint(
      configuration: try EndpointConfiguration(listenAddresses: [address]), content: .sample(), log: LogRecorder().log)
    await #expect {
      try await endpoint.run()
    } throws: { error in
      String(describing: error).contains("--web.listen-address \(address): ") && String(describing: error).contains(cause)
    }
  }
}
