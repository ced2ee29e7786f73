import Foundation
import TestSupport
import Testing

@Suite("The import table")
struct ImportTableTests {
  @Test("every file of Sources imports only what its module's row allows")
  func sources() throws {
    let sources = Fixture.package.appending(path: "Sources").resolvingSymlinksInPath()
    var modules: Set<String> = []
    var violations: [String] = []
    for path in try FileManager.default.subpathsOfDirectory(atPath: sources.path()) where path.hasSuffix(".swift") {
      let module = String(path.prefix { $0 != "/" })
      modules.insert(module)
      let text = try String(contentsOf: sources.appending(path: path), encoding: .utf8)
      violations += ImportTable.violations(in: text, of: module).map { "Sources/\(path):\($0)" }
    }
    #expect(violations == [])
    #expect(modules.isSuperset(of: ["PortModel", "KernelFormats", "Kernel", "Scraper", "Exposition", "Metrics", "Endpoint", "portpool"]))
  }

  @Test(
    "a module that reaches up or sideways is found",
    arguments: [
      ("PortModel", "import Glibc", "Glibc"),
      ("KernelFormats", "package import Kernel", "Kernel"),
      ("Exposition", "internal import FoundationEssentials", "FoundationEssentials"),
      ("Endpoint", "import NIOCore\nimport Scraper", "Scraper"),
      ("Metrics", "@preconcurrency internal import struct Foundation.Date", "Foundation"),
      ("Scraper", "struct A {}\n  import Endpoint", "Endpoint"),
      ("Push", "import Exposition; import Kernel", "Kernel"),
      ("portpool", "#if canImport(Foundation)\nimport Foundation\n#endif", "Foundation"),
    ])
  func planted(module: String, text: String, culprit: String) throws {
    let violations = ImportTable.violations(in: text, of: module)
    #expect(violations.count == 1)
    #expect(try #require(violations.first).hasSuffix("module \(module) may not import \(culprit)"))
  }

  @Test(
    "what only looks like an import is none",
    arguments: ["// import Glibc", "/// import Glibc", "let text = \"import\"", "importantCall()", "func a() { imports.append(1) }"])
  func harmless(text: String) {
    #expect(ImportTable.violations(in: text, of: "PortModel") == [])
  }

  @Test("a folder that has no row is found")
  func unknownFolder() {
    #expect(ImportTable.violations(in: "", of: "Utils") == ["there is no row for Sources/Utils"])
  }
}
