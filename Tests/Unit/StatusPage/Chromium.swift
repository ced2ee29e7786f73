import Endpoint
import Exposition
import Foundation
import StatusPage
import TestSupport

/// Debian's browser without a window.
enum Chromium {
  private static let path = "/usr/bin/chromium"
  static let isInstalled = FileManager.default.isExecutableFile(atPath: path)

  /// The document as the browser has it after loading, scripts run.
  static func document(_ url: String) async throws -> String {
    // On a busy machine it may end before it has begun, with nothing to show.
    for _ in 0..<3 {
      let text = try await run(["--dump-dom", url]).standardOutput
      if !text.isEmpty { return text }
    }
    return ""
  }

  /// What the page's scripts and policy complained about.
  static func console(_ url: String) async throws -> [String] {
    try await run(["--enable-logging=stderr", "--v=0", "--dump-dom", url]).standardError.split(separator: "\n").map(String.init)
      .filter { $0.contains("CONSOLE") }
  }

  /// A picture of the whole page.
  static func screenshot(_ url: String, to path: String, width: Int, height: Int, dark: Bool) async throws {
    let scheme = dark ? ["--blink-settings=preferredColorScheme=0", "--force-dark-mode"] : ["--blink-settings=preferredColorScheme=1"]
    _ = try await run(scheme + ["--screenshot=\(path)", "--window-size=\(width),\(height)", "--hide-scrollbars", url])
  }

  /// Runs it on a thread of its own, so that a server in this process keeps the threads of the concurrency pool.
  private static func run(_ arguments: [String]) async throws -> Outcome {
    try await withCheckedThrowingContinuation { continuation in
      Thread.detachNewThread {
        let profile = FileManager.default.temporaryDirectory.appending(path: "chromium-\(UUID().uuidString)").path()
        defer { try? FileManager.default.removeItem(atPath: profile) }
        let common = [
          "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--user-data-dir=\(profile)",
          "--virtual-time-budget=2000",
        ]
        continuation.resume(with: Result { try ChildProgram.run(path, common + arguments) })
      }
    }
  }
}

/// The page on the real server.
enum PageServer {
  /// Serves what `page` makes for each request, and hands `body` the page's address.
  static func serve<T>(_ page: @escaping @Sendable () -> StatusPage, _ body: (String) async throws -> T) async throws -> T {
    let headers = StatusPage.headers(sha256: SHA256.digest)
    let content = EndpointContent(
      collectors: [], collect: { _ in CollectedMetrics { MetricSet() } }, snapshotJSON: { [] },
      page: { _ in EndpointDocument(contentType: StatusPage.contentType, headers: headers, body: page().html()) })
    let configuration = try EndpointConfiguration(listenAddresses: [.host("127.0.0.1", port: 0)])
    let endpoint = Endpoint(configuration: configuration, content: content, log: EndpointLog(level: .error) { _ in })
    let port = try await endpoint.bind().first?.port ?? 0
    let running = Task { try await endpoint.run() }
    let result: Result<T, any Error>
    do { result = .success(try await body("http://127.0.0.1:\(port)/")) } catch { result = .failure(error) }
    endpoint.shutdown()
    try await running.value
    return try result.get()
  }
}
