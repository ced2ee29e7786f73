import Foundation
import PortModel
import StatusPage
import Synchronization
import Testing

@Suite("The status page in a browser", .serialized, .enabled(if: Chromium.isInstalled, "chromium is not installed"))
struct StatusPageBrowserTests {
  private static let warning = StatusPage.Warning(
    text: "The exporter's own port 40097 lies in the pool and is not reserved: an outgoing connection can take it.",
    remedy: "sysctl -w net.ipv4.ip_local_reserved_ports=40097")

  @Test("the browser shows the numbers, with and without scripts")
  func document() async throws {
    let page = StatusPage(.busy(), warnings: [Self.warning])
    let scripted = try await PageServer.serve({ page }) { url in try await Chromium.document(url) }
    // Without scripts the document is what the server sends.
    for (dom, isScripted) in [(page.text, false), (scripted, true)] {
      for text in [
        "3,103 more before EADDRNOTAVAIL", "nearly exhausted", "connect() over IPv6", "10.0.0.9:5432", "[2001:db8::9]:443", "Back in 60 s",
        "Listeners to reserve", "40068", "ip_local_reserved_ports=40097", "permission denied", "href=\"./metrics\"",
        "href=\"./api/v1/snapshot\"", "aria-label=\"TCP ports 32768 to 60999: ",
      ] {
        #expect(dom.contains(text), "\(text), scripts \(isScripted)")
      }
      // The script shows its button; without scripts the page reloads itself.
      #expect(dom.contains("aria-pressed=\"false\" hidden=\"\"") != isScripted)
      #expect(dom.contains("<meta http-equiv=\"refresh\" content=\"15\""))
    }
  }

  @Test("the page's policy lets its own style and script run, and the browser has nothing to complain about")
  func policy() async throws {
    #expect(try await PageServer.serve({ StatusPage(.busy()) }) { url in try await Chromium.console(url) } == [])
  }

  @Test("the page replaces its contents by itself")
  func refresh() async throws {
    let readings = Atomic(0)
    let dom = try await PageServer.serve({
      let reading = readings.add(1, ordering: .relaxed).newValue
      return StatusPage(.busy(), time: "reading \(reading)", refreshSeconds: 1)
    }) { url in try await Chromium.document(url) }
    #expect(readings.load(ordering: .relaxed) > 1)
    #expect(!dom.contains(">reading 1<") && dom.contains(">reading "))
    #expect(dom.contains("<p id=\"problem\" role=\"status\"></p>"))
  }

  @Test("what is left is compared with what was left when the page was opened")
  func trend() async throws {
    let readings = Atomic(0)
    let dom = try await PageServer.serve({
      StatusPage(.udp(left: 6000 - 10 * readings.add(1, ordering: .relaxed).newValue, of: 10_000), refreshSeconds: 1)
    }) { url in try await Chromium.document(url) }
    let count = readings.load(ordering: .relaxed)
    #expect(count > 1)
    let trends = dom.matches(
      of:
        /<p class="trend"><svg viewBox="0 0 100 20"[^>]*><path d="M[0-9. L]+"><\/path><\/svg>(\d+) fewer than \d+ s ago; none left in \d+ (s|min|h) at this pace</
    )
    // The headline and both UDP pools. A last reading may be on its way when the browser ends.
    #expect(trends.count == 3, "\(dom)")
    #expect(trends.allSatisfy { [10 * (count - 1), 10 * (count - 2)].contains(Int($0.1)) }, "\(count) readings")
  }

  @Test("the map names the port under the pointer and its use")
  func pointer() async throws {
    let snapshot = PoolSnapshot.busy(first: 32800)
    let map = try #require(snapshot.namespaces[0].tcp?.pressure?.usage.map)
    let indices = try PortUse.allCases.map { use in try #require(map.firstIndex(of: use)) } + [map.count - 1]
    // A document of our own has no policy that would refuse the script which moves the pointer.
    let script = """
      <script>const map = document.querySelector(".map svg"), box = map.getBoundingClientRect(), said = [];
      const rows = map.viewBox.baseVal.height;
      for (const cell of [\(indices.map { "\($0 + 32800 % 256)" }.joined(separator: ","))]) {
        const clientX = box.left + (cell % 256 + .5) / 256 * box.width, clientY = box.top + (Math.floor(cell / 256) + .5) / rows * box.height;
        map.dispatchEvent(new PointerEvent("pointermove", { bubbles: true, clientX, clientY }));
        said.push(map.closest("figure").querySelector(".under").textContent);
      }
      document.title = said.join("; ");</script></body>
      """
    let file = FileManager.default.temporaryDirectory.appending(path: "page-\(UUID().uuidString).html")
    defer { try? FileManager.default.removeItem(at: file) }
    let html = StatusPage(snapshot, refreshSeconds: 0).text.replacingOccurrences(of: "</body>", with: script)
    try html.write(to: file, atomically: false, encoding: .utf8)
    let dom = try await Chromium.document(file.absoluteString)
    let expected = indices.map { "port \(32800 + $0): \(map[$0].name)" }.joined(separator: "; ")
    #expect(dom.contains("<title>\(expected)</title>"))
  }

  @Test("pictures for people who judge the page", .enabled(if: ProcessInfo.processInfo.environment["PORTPOOL_SCREENSHOTS"] != nil))
  func screenshots() async throws {
    let folder = try #require(ProcessInfo.processInfo.environment["PORTPOOL_SCREENSHOTS"])
    try await PageServer.serve({ StatusPage(.busy(), warnings: [Self.warning]) }) { url in
      for (width, height) in [(390, 3600), (820, 2600), (1400, 2400)] {
        for dark in [false, true] {
          let path = "\(folder)/\(width)-\(dark ? "dark" : "light").png"
          try await Chromium.screenshot(url, to: path, width: width, height: height, dark: dark)
        }
      }
    }
  }
}
