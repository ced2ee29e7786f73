import Exposition
import Glibc
import Inspector
import Kernel
import LiveView
import Metrics
import PortModel
import Scraper
import StatusPage
import Terminal

extension FuzzTarget {
  /// The whole program over a tree of `/proc`: read, counted, described, encoded, drawn, diagnosed and explained. No number in any file may trap,
  /// and what is left of a pool is never more than the pool, nor less than nothing.
  static let hosts: [FuzzTarget] = [
    FuzzTarget(name: "host") { bytes in
      var tree = HostTree()
      tree.write(bytes)
      defer { tree.remove() }
      let scraper = PoolScraper(ScraperConfiguration(proc: ProcFileSystem(root: tree.root), source: .proc))
      let snapshot = scraper.snapshot([.settings, .tcp, .udp, .conntrack])
      _ = try? scraper.sample()
      for pool in snapshot.namespaces.flatMap(\.pools) {
        require(pool.headroom >= 0 && pool.headroom <= pool.capacity, "\(pool)")
        require((0...1).contains(pool.share), "\(pool)")
      }
      draw(snapshot)
      let host = HostFiles(procfs: tree.root)
      check(Renderer.plain.text(Doctor(host, watch: .zero).diagnosis().page.lines))
      for port: Port in [40000, 49152] {
        if let report = try? PortInspector(host).report(port, [.tcp, .udp]) { check(Renderer.plain.text(report.page.lines)) }
      }
    }
  ]

  private static func draw(_ snapshot: PoolSnapshot) {
    let metrics = PoolMetrics(topTuples: 100, topTuplesMinShare: 0).metrics(of: snapshot)
    for format in [ExpositionFormat.text004, .openMetrics100] {
      require(metrics.encoded(as: format).last == UInt8(ascii: "\n"), "an exposition without an end")
    }
    let page = StatusPage(
      snapshot, host: "host", version: "1", time: "2026-01-02T03:04:05Z",
      links: StatusPage.Links(metrics: "./metrics", snapshot: "./api/v1/snapshot"))
    require(page.html().starts(with: "<!".utf8), "a page without a start")
    var state = LiveState(subject: "host", interval: 1)
    state.receive(Sample(.success(snapshot), at: 0))
    state.receive(Sample(.success(snapshot), at: 1))
    for (columns, rows) in [(80, 24), (20, 5), (300, 100)] {
      check(Frame(state, TerminalSize(columns: columns, rows: rows), Look(colors: .none)).text)
    }
    BatchLines.lines(state).forEach(check)
  }

  /// Nothing that a terminal takes for an order.
  private static func check(_ text: String) {
    require(!text.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" || 0x7F...0x9F ~= $0.value }, "an order to the terminal: \(text)")
  }
}

/// A tree of files from one input: a line `=== net/tcp` begins a file, a line `==> 970/fd/3` a link, and what follows, up to the next such line,
/// is its content.
private struct HostTree {
  let root = "/dev/shm/portpool-fuzz-\(getpid())"
  /// Folders before what is in them.
  private var made: [String] = []

  mutating func write(_ bytes: [UInt8]) {
    makeFolder(root)
    var (name, isLink, content): (String?, Bool, [UInt8]) = (nil, false, [])
    for line in bytes.split(separator: 0x0A, omittingEmptySubsequences: false) {
      let isStart = line.starts(with: "=== ".utf8) || line.starts(with: "==> ".utf8)
      guard isStart else {
        content += line
        content.append(0x0A)
        continue
      }
      if let name { add(name, isLink, content) }
      (name, isLink, content) = (String(decoding: line.dropFirst(4), as: UTF8.self), line.starts(with: "==> ".utf8), [])
    }
    if let name { add(name, isLink, content) }
  }

  private mutating func add(_ name: String, _ isLink: Bool, _ content: [UInt8]) {
    // Nothing outside the tree is written, and nothing deep.
    let parts = name.split(separator: "/")
    guard !parts.isEmpty, parts.count <= 6, parts.allSatisfy({ $0 != ".." && $0.utf8.count < 100 && !$0.utf8.contains(0) }) else { return }
    var path = root
    for part in parts.dropLast() {
      path += "/" + part
      makeFolder(path)
    }
    path += "/" + parts[parts.count - 1]
    made.append(path)
    if isLink {
      _ = unsafe symlink(String(decoding: content.prefix { $0 != 0x0A && $0 != 0 }, as: UTF8.self), path)
    } else {
      let file = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
      guard file >= 0 else { return }
      _ = unsafe content.withUnsafeBytes { unsafe Glibc.write(file, $0.baseAddress, $0.count) }
      close(file)
    }
  }

  private mutating func makeFolder(_ path: String) {
    if unsafe mkdir(path, 0o700) == 0 { made.append(path) }
  }

  func remove() {
    for path in made.reversed() { _ = unsafe Glibc.remove(path) }
  }
}
