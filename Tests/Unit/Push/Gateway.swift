import Foundation
import TestSupport

/// A real Pushgateway on a free port of loopback, stopped with the test.
final class Gateway: Sendable {
  let port: UInt16
  let program: ChildProgram

  var url: String { "http://127.0.0.1:\(port)" }

  init(port: UInt16? = nil, _ arguments: [String] = []) throws {
    self.port = try port ?? FreePort.onLoopback()
    let address = "--web.listen-address=127.0.0.1:\(self.port)"
    program = try ChildProgram("prometheus-pushgateway", [address, "--persistence.file="] + arguments)
    try program.waitUntilItSays("TLS is ")
    try Until.holds { (try? TestSocket.client(to: SocketAddress("127.0.0.1", self.port))) != nil }
  }

  /// The groups it holds, as its API tells them: every label of each.
  func groups() throws -> [[String: String]] { try Self.groups(in: Self.get("127.0.0.1", port, "/api/v1/metrics")) }

  /// The samples below `/metrics` whose name begins with `prefix`, as they stand.
  func samples(_ prefix: String) throws -> [String] {
    try Self.get("127.0.0.1", port, "/metrics").split(separator: "\n").map(String.init).filter { $0.hasPrefix(prefix) }
  }

  static func get(_ host: String, _ port: UInt16, _ path: String) throws -> String {
    try HTTPExchange.get(SocketAddress(host, port), path).text
  }

  static func groups(in json: String) throws -> [[String: String]] {
    try JSONDecoder().decode(Answer.self, from: Data(json.utf8)).data.map(\.labels)
  }

  private struct Answer: Decodable {
    struct Group: Decodable { let labels: [String: String] }
    let data: [Group]
  }
}
