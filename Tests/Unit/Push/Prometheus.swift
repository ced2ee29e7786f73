import Foundation
import TestSupport

/// A real Prometheus on a free port of loopback that scrapes nothing and takes remote writes, stopped with the test.
final class Prometheus: Sendable {
  let port: UInt16
  private let folder: TemporaryFolder
  private let program: ChildProgram

  var url: String { "http://127.0.0.1:\(port)" }

  init(_ arguments: [String] = [], receives: Bool = true) throws {
    port = try FreePort.onLoopback()
    folder = try TemporaryFolder()
    let configuration = try folder.file("prometheus.yml", "scrape_configs: []\n")
    program = try ChildProgram(
      "prometheus",
      [
        "--config.file=\(configuration)", "--storage.tsdb.path=\(folder.path)/data", "--web.listen-address=127.0.0.1:\(port)",
      ] + (receives ? ["--web.enable-remote-write-receiver"] : []) + arguments)
    try program.waitUntilItSays("Server is ready to receive web requests")
  }

  /// The instant value of every series that `query` finds, by its labels.
  func series(_ query: String) throws -> [[String: String]: Double] {
    let answer = try JSONDecoder().decode(Answer.self, from: Data(get("/api/v1/query?query=" + Self.encoded(query)).utf8))
    var series: [[String: String]: Double] = [:]
    for result in answer.data.result { series[result.metric] = result.number }
    return series
  }

  private func get(_ path: String) throws -> String { try Gateway.get("127.0.0.1", port, path) }

  private static func encoded(_ text: String) -> String {
    text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? text
  }

  private struct Answer: Decodable {
    struct Content: Decodable { let result: [Result] }
    let data: Content
  }

  private struct Result: Decodable {
    let metric: [String: String]
    let number: Double

    enum CodingKeys: CodingKey { case metric, value }

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      metric = try container.decode([String: String].self, forKey: .metric)
      var pair = try container.nestedUnkeyedContainer(forKey: .value)
      _ = try pair.decode(Double.self)
      let text = try pair.decode(String.self)
      number = Double(text.replacing("Inf", with: "inf").replacing("NaN", with: "nan")) ?? .signalingNaN
    }
  }
}
