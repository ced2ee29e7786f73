import Endpoint
import Foundation
import Testing

@Suite(.serialized) struct PageTests {
  static func serving<T: Sendable>(_ model: PageModel, _ body: @Sendable (TestServer, String) async throws -> T) async throws -> T {
    var content = EndpointContent.sample()
    content.page = { model }
    return try await TestServer.run(content: content) { server in try await body(server, "http://127.0.0.1:\(server.port)/") }
  }

  @Test(
    "every port is drawn once: the cells of each kind add up to its count",
    arguments: [(32768, 28_232), (1024, 64_512), (40_000, 100), (255, 2)])
  func everyPort(first: Int, count: Int) async throws {
    let model = PageModel.busy(first: first, count: max(count, 8000))
    let map = PortMap(name: "TCP", first: first, kinds: Array(model.namespaces[0].maps[0].kinds.prefix(count)))
    let shown = PageModel(
      host: "a", version: "1", time: "t",
      namespaces: [PageNamespace(name: "host", maps: [map], pools: [], tuples: [], listeners: [], facts: [], warnings: [])], warnings: [])
    let html = try await Self.serving(shown) { server, _ in try await server.get("/").body }
    let drawn = try await blocking {
      var drawn: [String: Set<Int>] = [:]
      let pattern = /<path class="[a-z]+" data-kind="([a-z]+)"( data-v)? transform="[^"]+" d="([^"]*)"/
      for match in html.matches(of: pattern) {
        drawn[String(match.1)] = try Self.cells(String(match.3))
      }
      return drawn
    }
    let offset = first % 256
    for (kind, ports) in Dictionary(grouping: map.kinds.indices, by: { map.kinds[$0] }) where kind != .free {
      let expected = Set(ports.map { $0 + offset })
      #expect(drawn["\(kind)"] == expected, "\(kind)")
    }
    #expect(drawn.values.reduce(0) { $0 + $1.count } == map.kinds.count { $0 != .free })
    #expect(html.utf8.count < 150_000)
  }

  /// The cells that a path of unit strokes covers.
  static func cells(_ data: String) throws -> Set<Int> {
    var cells: Set<Int> = []
    var x = 0
    var y = 0
    for match in data.matches(of: /([MmHhVv])(-?\d+)(?: (-?\d+))?/) {
      let first = try #require(Int(match.2))
      switch match.1 {
      case "M": (x, y) = (first, try #require(match.3.flatMap { Int($0) }))
      case "m": (x, y) = (x + first, y + (try #require(match.3.flatMap { Int($0) })))
      case "h":
        for step in 0..<first { #expect(cells.insert(y * 256 + x + step).inserted) }
        x += first
      default:
        for step in 0..<first { #expect(cells.insert((y + step) * 256 + x).inserted) }
        y += first
      }
    }
    return cells
  }

  @Test("names from outside are text, never markup")
  func hostile() async throws {
    let html = try await Self.serving(.hostile) { server, _ in try await server.get("/").body }
    #expect(html.components(separatedBy: "<script>").count == 2)
    #expect(!html.contains("alert(1)</script>"))
    #expect(html.contains("&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;"))
  }

  @Test("an empty model is still a page that says so")
  func empty() async throws {
    let model = PageModel(host: "a", version: "1", time: "t", namespaces: [], warnings: [])
    #expect(try await Self.serving(model) { server, _ in try await server.get("/").body }.contains("Nothing could be read"))
  }

  @Test("the browser shows the numbers, with and without scripts", .enabled(if: Chromium.isInstalled, "chromium is not installed"))
  func document() async throws {
    try await Self.serving(.busy()) { server, url in
      // Without scripts the document is what the server sends.
      for javaScript in [true, false] {
        let dom = try await javaScript ? blocking { try Chromium.document(url) } : server.get("/").body
        for text in [
          "3,103 more before EADDRNOTAVAIL", "nearly out", "connect() over IPv6", "10.0.0.9:5432", "[2001:db8::9]:443", "Back in 60 s",
          "Listeners to reserve", "40068", "ip_local_reserved_ports=40097", "permission denied", "href=\"/metrics\"",
          "href=\"/api/v1/snapshot\"",
          "aria-label=\"TCP ports 32768 to 60999: ",
        ] {
          #expect(dom.contains(text), "\(text), scripts \(javaScript)")
        }
        // The script shows its button; without scripts the page loads itself anew.
        #expect(dom.contains("aria-pressed=\"false\" hidden") != javaScript)
        #expect(dom.contains("<meta http-equiv=\"refresh\" content=\"15\">"))
      }
    }
  }

  @Test(
    "the page's policy lets its own style and script run, and the browser has nothing to complain about",
    .enabled(if: Chromium.isInstalled, "chromium is not installed"))
  func policy() async throws {
    try await Self.serving(.busy()) { server, url in
      let policy = try #require(try await server.get("/").headers["content-security-policy"])
      #expect(policy.contains("default-src 'none'") && !policy.contains("unsafe"))
      #expect(try await blocking { try Chromium.console(url) } == [])
    }
  }

  @Test("the page replaces its contents by itself", .enabled(if: Chromium.isInstalled, "chromium is not installed"))
  func refresh() async throws {
    let counter = CallCounter()
    var content = EndpointContent.sample()
    content.page = {
      counter.note(CollectionRequest(collectors: [], deadline: nil))
      let time = "reading \(counter.all.count)"
      let model = PageModel.busy(refreshSeconds: 1)
      return PageModel(
        host: model.host, version: model.version, time: time, namespaces: model.namespaces, warnings: [], refreshSeconds: 1)
    }
    try await TestServer.run(content: content) { server in
      let dom = try await blocking { try Chromium.document("http://127.0.0.1:\(server.port)/") }
      #expect(counter.all.count > 1)
      #expect(!dom.contains(">reading 1<") && dom.contains(">reading "))
      #expect(dom.contains("<p id=\"problem\" role=\"status\"></p>"))
    }
  }

  @Test("pictures for people who judge the page", .enabled(if: ProcessInfo.processInfo.environment["PORTPOOL_SCREENSHOTS"] != nil))
  func screenshots() async throws {
    let folder = try #require(ProcessInfo.processInfo.environment["PORTPOOL_SCREENSHOTS"])
    try await Self.serving(.busy()) { _, url in
      for (width, height) in [(390, 3600), (820, 2600), (1400, 2400)] {
        for dark in [false, true] {
          try await blocking {
            try Chromium.screenshot(url, to: "\(folder)/\(width)-\(dark ? "dark" : "light").png", width: width, height: height, dark: dark)
          }
        }
      }
    }
  }
}
