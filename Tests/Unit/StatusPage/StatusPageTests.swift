import Endpoint
import Foundation
import FoundationXML
import PortModel
import StatusPage
import TestSupport
import Testing

@Suite("The status page")
struct StatusPageTests {
  @Test(
    "a pool is named and coloured by the level that alerts and doctor use, whatever its size",
    arguments: [
      (100, 51, PressureLevel.ok), (100, 50, .warning), (100, 21, .warning), (100, 20, .critical), (100, 1, .critical),
      (100, 0, .exhausted),
      (10, 6, .ok), (10, 5, .warning), (10, 3, .warning), (10, 2, .critical), (10, 1, .critical), (10, 0, .exhausted), (1, 1, .ok),
      (1, 0, .exhausted),
    ])
  func level(capacity: Int, left: Int, level: PressureLevel) {
    let words: [PressureLevel: String] = [
      .ok: "plenty left", .warning: "filling up", .critical: "nearly exhausted", .exhausted: "exhausted",
    ]
    let html = StatusPage(.udp(left: left, of: capacity)).text
    let data = " data-pool=\"host udp/ipv4\" data-left=\"\(left)\" data-capacity=\"\(capacity)\""
    #expect(
      html.contains(
        "<section class=\"hero \(level)\"\(data) aria-label=\"Summary\"><p><span class=\"tag\">\(words[level] ?? "?")</span></p>"))
    #expect(
      html.contains(
        "<li class=\"pool \(level)\"\(data)><h4>UDP over IPv4 <span class=\"tag\">\(words[level] ?? "?")</span></h4>"
          + "<p><strong>\(left > 0 ? "\(left)" : "Exhausted")</strong>"))
    #expect(html.contains("<p class=\"big\">\(left > 0 ? "\(left) more before EAGAIN" : "Exhausted: UDP over IPv4 fails with EAGAIN")</p>"))
    #expect(html.contains("\(capacity - left) of \(capacity) ports in use"))
  }

  @Test("headroom that depends on the peer's timestamps has its lower end next to it")
  func uncertain() {
    let tuple = TupleHeadroom(
      tuple: Tuple(source: .loopbackIPv4, destination: .loopbackIPv4, destinationPort: 443), used: 90, reusable: 85, headroom: 95,
      firstParityFree: 0, returning: [0, 0, 0, 0])
    let map = [PortUse](repeating: .free, count: 100)
    let tcp = TCPPressure(map: map, tuples: [tuple], capacity: 100, left: 10)
    let page = StatusPage(PoolSnapshot(NamespaceSnapshot(range: .ports(40000, count: 100), tcp: tcp))).text
    #expect(page.contains("<p class=\"uncertain\">Perhaps only 10 are left, for 127.0.0.1 → 127.0.0.1:443: "))
    #expect(!StatusPage(.busy()).text.contains("class=\"uncertain\""))
  }

  @Test("every level has a colour in the style sheet, and every use one in the map")
  func colours() throws {
    let html = StatusPage(.busy()).text
    for level in PressureLevel.allCases { #expect(html.contains(try Regex("[,\\n]\\.\(level)[,{]")), "\(level)") }
    for use in PortUse.allCases { #expect(html.contains("\n.\(use){") && html.contains("background:var(--\(use))"), "\(use)") }
  }

  @Test("the tuple closest to exhaustion has its row coloured by its own level")
  func tuples() {
    let html = StatusPage(.busy()).text
    #expect(
      html.contains(
        "<tr class=\"critical\"><td class=\"l\">2001:db8::5</td><th class=\"l\" scope=\"row\">[2001:db8::9]:443</th><td>25,002<"))
    #expect(html.contains("<tr class=\"ok\"><td class=\"l\">10.0.0.5</td><th class=\"l\" scope=\"row\">10.0.0.9:5432</th><td>12,844<"))
    #expect(html.contains("2001:db8::5 → [2001:db8::9]:443 · 25,009 of 28,112 ports in use"))
  }

  @Test("attributes are written in the order of the source, so that the same snapshot is the same page to the byte")
  func order() {
    let html = StatusPage(.busy()).text
    #expect(
      html.contains(
        "<svg class=\"bar\" viewBox=\"0 0 1000 1\" preserveAspectRatio=\"none\" aria-hidden=\"true\"><rect width=\"889\" height=\"1\"/></svg>"
      ))
    #expect(
      html.contains(
        "<svg role=\"img\" viewBox=\"0 0 256 111\" data-first=\"32768\" data-last=\"60999\" data-free=\"free\" aria-label=\"TCP"))
    #expect(StatusPage(.busy()).text == html)
  }

  @Test("the legend takes the names and explanations of the uses, and says how many ports each has")
  func legend() throws {
    let usage = try #require(PoolSnapshot.busy().namespaces[0].tcp?.pressure?.usage)
    let html = StatusPage(.busy()).text
    for use in PortUse.allCases {
      let count = usage[use] < 1000 ? "\(usage[use])" : "\(usage[use] / 1000),\(String("\(usage[use] % 1000 + 1000)".dropFirst()))"
      let words = "<b>\(count)</b> \(use.name) <span class=\"note\">\(use.explanation)</span>"
      #expect(html.contains("<li><span class=\"swatch \(use.name)\"></span><span>\(words)"), "\(use)")
    }
    #expect(html.contains("<li class=\"zero\"><span class=\"swatch client\"></span><span><b>0</b> client"))
  }

  @Test(
    "every port is drawn once: the cells of each use add up to its count",
    arguments: [(32768, 28_232), (1024, 64_512), (40_000, 8_000), (255, 7_400)])
  func everyPort(first: Int, count: Int) throws {
    let snapshot = PoolSnapshot.busy(first: first, count: count)
    let map = try #require(snapshot.namespaces[0].tcp?.pressure?.usage.map)
    let html = StatusPage(snapshot).text
    var drawn: [String: Set<Int>] = [:]
    let end = try #require(html.range(of: "</figure>")).lowerBound
    let pattern = /<path class="[a-z]+" data-use="([a-z]+)"( data-v="")? transform="[^"]+" d="([^"]*)"\/>/
    for match in html[..<end].matches(of: pattern) { drawn[String(match.1)] = try Self.cells(match.3) }
    for use in PortUse.allCases where use != .free {
      #expect(drawn[use.name] == Set(map.indices.filter { map[$0] == use }.map { $0 + first % 256 }), "\(use)")
    }
    #expect(drawn[PortUse.free.name] == nil)
    #expect(html.utf8.count < 150_000)
  }

  /// The cells that a path of unit strokes covers.
  private static func cells(_ data: Substring) throws -> Set<Int> {
    var cells: Set<Int> = []
    var (x, y) = (0, 0)
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

  @Test(
    "the markup is well-formed, however little or much there is to show",
    arguments: [
      PoolSnapshot(time: 0, namespaces: []), .busy(), .busy(first: 256, count: 7680), .udp(left: 0, of: 1), .udp(left: 3, of: 10),
      PoolSnapshot(NamespaceSnapshot("host"), NamespaceSnapshot("blue", problem: "setns: EPERM")),
    ])
  func wellFormed(snapshot: PoolSnapshot) throws {
    let page = try ParsedPage(StatusPage(snapshot))
    #expect(page.elements["section"] == 1 + snapshot.namespaces.count)
    #expect(page.elements["script"] == 1 && page.elements["style"] == 1)
  }

  @Test(
    "a text from outside is shown as text, and never becomes markup",
    arguments: [
      ("<script>alert(1)</script>", "<script>alert(1)</script>"), ("\" onload=\"alert(1)", "\" onload=\"alert(1)"), ("' x='", "' x='"),
      ("</title></style></section>", "</title></style></section>"), ("&lt;b&gt; &amp;amp; &#60;", "&lt;b&gt; &amp;amp; &#60;"),
      ("]]><!-- <?php", "]]><!-- <?php"), ("a\u{0}b\u{1b}[31mc\u{7f}\u{9b}d\r", "a\u{fffd}b\u{fffd}[31mc\u{fffd}\u{fffd}d\u{fffd}"),
      ("\u{202e}gpj.exe\u{2066}\u{200f}\u{61c}", "\u{fffd}gpj.exe\u{fffd}\u{fffd}\u{fffd}"), ("\u{ffff}\u{fffe}", "\u{fffd}\u{fffd}"),
      ("Grün 漢字 🚪", "Grün 漢字 🚪"),
    ])
  func hostile(text: String, shown: String) throws {
    let snapshot = PoolSnapshot(NamespaceSnapshot("host"), NamespaceSnapshot(text, problem: text))
    let page = try ParsedPage(
      StatusPage(
        snapshot, host: text, version: text, time: text, warnings: [StatusPage.Warning(text: text, remedy: text)],
        links: StatusPage.Links(metrics: text, snapshot: text)))
    let calm = try ParsedPage(
      StatusPage(
        PoolSnapshot(NamespaceSnapshot("host"), NamespaceSnapshot("blue", problem: "p")), host: "h", version: "v", time: "t",
        warnings: [StatusPage.Warning(text: "w", remedy: "r")], links: StatusPage.Links(metrics: "/m", snapshot: "/s")))
    #expect(page.elements == calm.elements)
    #expect(page.attributeNames == calm.attributeNames)
    for place in ["Namespace \(shown)", "Portpool · \(shown)", "Portpool \(shown) · read at \(shown)", shown + shown, shown] {
      #expect(page.texts.contains(place), "\(place)")
    }
    #expect(page.values.contains(shown))
  }

  @Test("a page of nothing says so")
  func empty() {
    #expect(StatusPage(PoolSnapshot(time: 0, namespaces: [])).text.contains("Nothing could be read"))
  }

  /// Namespaces of 100 ports with as many of them left as `left` says, named `ns0` and so on.
  private static func fleet(_ left: [Int], owners: [OwnerUsage]? = nil) -> PoolSnapshot {
    PoolSnapshot(
      time: 0,
      namespaces: left.enumerated().map { index, left in
        let usage = PortUsage(map: [PortUse](repeating: .bound, count: 100 - left) + [PortUse](repeating: .free, count: left))
        return NamespaceSnapshot(
          name: "ns\(index)", settings: PoolSettings(range: .ports(40000, count: 100)), tcp: nil,
          udp: UDPPool(
            sockets: SocketCounts(), pressure: UDPPressure(usage: usage, headroom: left, headroomIPv6: left, listeners: nil)),
          outcomes: [], owners: owners)
      })
  }

  @Test(
    "namespaces stand in the order of their pressure, each with an anchor and a line in the overview, and the headline leads to the worst")
  func pressure() throws {
    let html = StatusPage(Self.fleet([100, 40, 0, 100, 10])).text
    let sections = html.matches(of: /<section id="ns-(ns\d)"/).map { String($0.1) }
    let lines = html.matches(of: /<th class="l" scope="row"><a href="#ns-(ns\d)">/).map { String($0.1) }
    #expect(sections == ["ns2", "ns4", "ns1", "ns0", "ns3"] && lines == sections)
    #expect(html.contains("<a href=\"#ns-ns2\">Namespace ns2</a> · UDP over IPv4 · 100 of 100 ports in use"))
    #expect(html.contains("<title>exhausted · db-7.example · Portpool</title>"))
    #expect(!StatusPage(.busy()).text.contains("<h2>Namespaces</h2>"))
  }

  @Test("ports are drawn of the worst namespace and of those under pressure, at most eight, wherever they stand in the snapshot")
  func pictures() {
    func drawn(_ left: [Int]) -> Int { StatusPage(Self.fleet(left)).text.components(separatedBy: "<figure>").count - 1 }
    #expect(drawn([100]) == 1)
    #expect(drawn([100, 100, 100, 100, 100, 40]) == 1)
    #expect(drawn([100, 40, 100, 100, 100, 40]) == 2)
    #expect(drawn([Int](repeating: 10, count: 12)) == 8)
    #expect(StatusPage(Self.fleet([Int](repeating: 10, count: 12))).text.components(separatedBy: "<ul class=\"pools\">").count == 13)
  }

  @Test(
    "a namespace's name becomes an anchor that no name can break out of, and that no two names share",
    arguments: [
      ("blue", "ns-blue"), ("a b", "ns-a~20b"), ("a~20b", "ns-a~7e20b"), ("ä\"", "ns-~c3~a4~22"), ("4026532301", "ns-4026532301"),
    ])
  func anchor(name: String, anchor: String) {
    let html = StatusPage(PoolSnapshot(NamespaceSnapshot(name), NamespaceSnapshot("host"))).text
    #expect(html.contains("<section id=\"\(anchor)\" aria-labelledby=\"\(anchor)-title\">") && html.contains("href=\"#\(anchor)\""))
  }

  @Test("who holds the ports: owners where they are known, and the command that names programs")
  func holders() {
    let help = [
      "ns0": StatusPage.Help(titles: ["A <b>"], remedies: ["Do"], commands: ["sysctl -w a=1"], holdersCommand: "sudo portpool explain x")
    ]
    let owners = [OwnerUsage(owner: "nginx.service", usedPorts: 1200), OwnerUsage(owner: OwnerUsage.other, usedPorts: 0)]
    let known = StatusPage(Self.fleet([10], owners: owners), help: help).text
    let unknown = StatusPage(Self.fleet([10]), help: help).text
    #expect(known.contains("Ports are held by nginx.service (1,200).") && known.contains("<h3>Who holds the ports</h3>"))
    #expect(known.contains("The programs: <code>sudo portpool explain x</code>") && !known.contains("all other owners"))
    #expect(unknown.contains("Who holds them: <code>sudo portpool explain x</code>") && !unknown.contains("<h3>Who holds the ports</h3>"))
    for html in [known, unknown] {
      #expect(html.contains("<a href=\"#ns-ns0-help\">What helps</a>") && html.contains("<h3 id=\"ns-ns0-help\">What helps</h3>"))
      #expect(html.contains("<p class=\"finding\">A &lt;b&gt;</p>") && html.contains("<code>sysctl -w a=1</code>"))
    }
  }

  @Test("when ports of the worst destination come back is said next to the headline")
  func returning() {
    let html = StatusPage(.busy()).text
    #expect(html.contains("Ports come back from TIME_WAIT: 155 within 5 s, 1,860 within 60 s."))
  }

  @Test("without peers the page has every number and no destination")
  func withoutPeers() {
    let html = StatusPage(PoolSnapshot.busy().withoutPeers).text
    for number in ["3,103 more before EADDRNOTAVAIL", "25,009 of 28,112", "12,844", "27,795", "peers are hidden (--no-web.peers)"] {
      #expect(html.contains(number), "\(number)")
    }
    for peer in ["2001:db8::9", "10.0.0.9", "10.0.0.11", "5432", "6379"] { #expect(!html.contains(peer), "\(peer)") }
    #expect(html.contains("2001:db8::5 → (hidden peer)"))
  }

  @Test("the page reloads itself only when asked to", arguments: [0, 15])
  func refresh(seconds: Int) {
    let html = StatusPage(.busy(), refreshSeconds: seconds).text
    #expect(html.contains("<noscript><meta http-equiv=\"refresh\" content=\"\(seconds)\"/>") == (seconds > 0))
    #expect(html.contains("<body data-refresh=\"\(seconds)\">"))
  }

  @Test("the style and the script of the page are the files, and the policy has their hashes and allows nothing else")
  func policy() throws {
    let html = StatusPage(.busy()).text
    let headers = Dictionary(uniqueKeysWithValues: StatusPage.headers(sha256: SHA256.digest).map { ($0.name, $0.value) })
    let policy = try #require(headers["Content-Security-Policy"])
    #expect(policy.contains("default-src 'none'; ") && !policy.contains("unsafe"))
    for (element, file) in [("style", "page.css"), ("script", "page.js")] {
      let parts = html.components(separatedBy: "<\(element)>")
      let embedded = try #require(parts.last?.components(separatedBy: "</\(element)>").first)
      let source = Fixture.package.appending(path: "Sources/StatusPage/Resources/\(file)")
      #expect(parts.count == 2)
      #expect(embedded == (try String(contentsOf: source, encoding: .utf8)))
      let copy = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString)-\(file)")
      defer { try? FileManager.default.removeItem(at: copy) }
      try embedded.write(to: copy, atomically: false, encoding: .utf8)
      // Another implementation of the digest, and of base64.
      let digest = try ChildProgram.run("/usr/bin/openssl", ["dgst", "-sha256", "-r", copy.path()]).standardOutput.prefix(64)
      let bytes = stride(from: 0, to: 64, by: 2).compactMap { UInt8(digest.dropFirst($0).prefix(2), radix: 16) }
      #expect(policy.contains("; \(element)-src 'sha256-\(Data(bytes).base64EncodedString())';"))
    }
    #expect(headers["Referrer-Policy"] == "no-referrer")
  }
}

/// A page as an XML parser sees it. The contents of style and script are taken out first: HTML does not unescape them, XML does.
private final class ParsedPage: NSObject, XMLParserDelegate {
  /// How often each element occurs.
  private(set) var elements: [String: Int] = [:]
  private(set) var attributeNames: Set<String> = []
  /// The values of all attributes.
  private(set) var values: Set<String> = []
  /// The text of each element, with that of its children.
  private(set) var texts: Set<String> = []
  private var open: [String] = []

  init(_ page: StatusPage) throws {
    super.init()
    let text = page.text.replacing(/<(style|script)>(?s:.*?)<\/(style|script)>/) { "<\($0.1)></\($0.2)>" }
    let parser = XMLParser(data: Data(text.utf8))
    parser.delegate = self
    guard parser.parse() else {
      throw Malformed(description: "line \(parser.lineNumber), column \(parser.columnNumber): \(String(describing: parser.parserError))")
    }
  }

  struct Malformed: Error, CustomStringConvertible { let description: String }

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?, attributes: [String: String]
  ) {
    elements[name, default: 0] += 1
    attributeNames.formUnion(attributes.keys)
    values.formUnion(attributes.values)
    open.append("")
  }

  func parser(_ parser: XMLParser, foundCharacters text: String) {
    for index in open.indices { open[index] += text }
  }

  func parser(_ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?) {
    texts.insert(open.removeLast())
  }
}
