import Endpoint
import Foundation
import TestSupport
import Testing

@Suite struct UnixSocketTests {
  static func path() -> String { "/tmp/portpool-\(UUID().uuidString.prefix(8)).sock" }

  @Test("a file left behind by an earlier run is replaced, and ours is gone at the end")
  func stale() async throws {
    let path = Self.path()
    do { _ = try TestSocket.unixListener(path) }
    #expect(FileManager.default.fileExists(atPath: path))
    try await TestServer.run(listen: [.unixSocket(path: path)]) { server in
      let text = try await blocking {
        let client = try RawClient(unixPath: path)
        client.send("GET /-/ready HTTP/1.0\r\n\r\n")
        return client.receiveToEnd() ?? ""
      }
      #expect(text.contains("is Ready."))
    }
    #expect(!FileManager.default.fileExists(atPath: path))
  }

  @Test("a file that belongs to another server by the end is left alone")
  func replaced() async throws {
    let path = Self.path()
    defer { for file in [path, path + ".old"] { _ = unsafe unlink(file) } }
    let other = try await TestServer.run(listen: [.unixSocket(path: path)]) { _ in
      try FileManager.default.moveItem(atPath: path, toPath: path + ".old")
      return try TestSocket.unixListener(path)
    }
    #expect(FileManager.default.fileExists(atPath: path))
    _ = other.descriptor
  }

  @Test("a socket that someone listens on is left alone")
  func inUse() async throws {
    let path = Self.path()
    let other = try TestSocket.unixListener(path)
    let endpoint = Endpoint(
      configuration: try EndpointConfiguration(listenAddresses: [.unixSocket(path: path)]), content: .sample(), log: LogRecorder().log)
    await #expect {
      try await endpoint.bind()
    } throws: { String(describing: $0).contains("unix:\(path): another program listens") }
    #expect(FileManager.default.fileExists(atPath: path))
    _ = unsafe unlink(path)
    _ = other.descriptor
  }

  @Test("a file that is not a socket is left alone")
  func notASocket() async throws {
    let path = Self.path()
    try Data("precious".utf8).write(to: URL(fileURLWithPath: path))
    defer { _ = unsafe unlink(path) }
    let endpoint = Endpoint(
      configuration: try EndpointConfiguration(listenAddresses: [.unixSocket(path: path)]), content: .sample(), log: LogRecorder().log)
    await #expect {
      try await endpoint.bind()
    } throws: { String(describing: $0).contains("a file that is not a socket") }
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "precious")
  }
}
