import Foundation
import TestSupport
import Testing
import WebConfig

/// One file for each single fault; its first line says where the error is and what it holds, a second one why `promtool` sees it otherwise.
@Suite struct WebConfigFixtureTests {
  static let root = Fixture("web_config").url

  static func names(_ folder: String) -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: root.appending(path: folder).path)) ?? []
    return names.filter { $0.hasSuffix(".yml") }.sorted()
  }

  @Test("there are files, good and bad", arguments: ["good", "bad"])
  func files(folder: String) { #expect(Self.names(folder).count > 10) }

  @Test("a file with one fault is refused with file, line, key and hint", arguments: names("bad"))
  func bad(name: String) throws {
    let path = Self.root.appending(path: "bad/\(name)").path
    let first = String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self).prefix { $0 != "\n" }
    let expected = first.dropFirst(2).split(separator: ": ", maxSplits: 1, omittingEmptySubsequences: false)
    let error = try #require(throws: ConfigurationError.self) { try WebConfig.load(path) }
    if expected[0] != "?" { #expect(error.line == Int(expected[0])) }
    #expect(error.description.hasPrefix("\(path):\(error.line ?? 0): "))
    #expect(error.description.contains(expected[1]))
    #expect(!error.hint.isEmpty)
  }

  @Test("a good file is accepted", arguments: names("good"))
  func good(name: String) throws {
    let config = try WebConfig.load(Self.root.appending(path: "good/\(name)").path)
    #expect((config.tls != nil) == name.hasPrefix("tls"))
  }

  @Test("promtool agrees, but for what a file says it does not", .enabled(if: Self.promtool != nil, "promtool is not installed"))
  func oracle() throws {
    let promtool = try #require(Self.promtool)
    let folder = try TemporaryFolder()
    let directory = folder.url
    // What the files name exists, so that only the fault is a fault.
    try Self.openssl(
      "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-keyout", directory.appending(path: "server.key").path,
      "-out", directory.appending(path: "server.crt").path)
    try FileManager.default.copyItem(at: directory.appending(path: "server.crt"), to: directory.appending(path: "ca.crt"))
    for folder in ["good", "bad"] {
      for name in Self.names(folder) {
        let text = try Data(contentsOf: Self.root.appending(path: "\(folder)/\(name)"))
        try text.write(to: directory.appending(path: name))
        let accepts = try Self.run(promtool, "check", "web-config", directory.appending(path: name).path)
        let differs = text.range(of: Data("# promtool: ".utf8)) != nil
        #expect(accepts == ((folder == "good") != differs), "\(folder)/\(name)")
      }
    }
  }

  static let promtool = ["/usr/bin/promtool", "/usr/local/bin/promtool"].first { FileManager.default.isExecutableFile(atPath: $0) }

  static func openssl(_ arguments: String...) throws { #expect(try ChildProgram.run("/usr/bin/openssl", arguments).status == 0) }

  static func run(_ program: String, _ arguments: String...) throws -> Bool { try ChildProgram.run(program, arguments).status == 0 }
}
