/// Everything the page at `/` shows. The page knows nothing of the kernel: these are words and numbers.
package struct PageModel: Sendable, Hashable {
  /// The name of the host, for the title.
  package let host: String
  /// The program's version: `0.3.0 (4f2a91c)`.
  package let version: String
  /// When the numbers were read: `2026-01-02T03:04:05Z`.
  package let time: String
  /// The namespaces, the host's first.
  package let namespaces: [PageNamespace]
  /// Warnings about the exporter itself, such as a listen port at risk.
  package let warnings: [PageWarning]
  /// After how many seconds the page loads itself anew; 0 is never.
  package let refreshSeconds: Int

  /// A page by its parts.
  package init(
    host: String, version: String, time: String, namespaces: [PageNamespace], warnings: [PageWarning], refreshSeconds: Int = 15
  ) {
    self.host = host
    self.version = version
    self.time = time
    self.namespaces = namespaces
    self.warnings = warnings
    self.refreshSeconds = refreshSeconds
  }
}
