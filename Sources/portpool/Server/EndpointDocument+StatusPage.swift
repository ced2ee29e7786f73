internal import Endpoint
internal import FoundationEssentials
internal import Inspector
internal import Kernel
internal import PortModel
internal import StatusPage

extension EndpointDocument {
  /// The page of `snapshot`, with a warning for each of the exporter's own ports that an outgoing connection could take.
  static func statusPage(of snapshot: PoolSnapshot, portsAtRisk: [Port], paths: EndpointPaths) -> EndpointDocument {
    let page = StatusPage(
      snapshot, host: HostName.current, version: "\(BuildInfo.current.version) (\(BuildInfo.current.revision))",
      time: Date(timeIntervalSince1970: Double(snapshot.time)).formatted(.iso8601),
      warnings: portsAtRisk.map { port in
        StatusPage.Warning(
          text: "The exporter's own port \(port) lies in the pool and is not reserved: an outgoing connection can take it.",
          remedy: snapshot.namespaces.first?.settings.map { SysctlLine.reserving([port], in: $0).command })
      },
      help: Dictionary(snapshot.namespaces.map { ($0.name, StatusPage.Help(ShortageHelp($0))) }) { first, _ in first },
      links: StatusPage.Links(metrics: paths.metrics, snapshot: paths.snapshot))
    return EndpointDocument(contentType: StatusPage.contentType, headers: statusPageHeaders, body: page.html())
  }

  private static let statusPageHeaders = StatusPage.headers(sha256: SHA256.digest)
}

extension StatusPage.Help {
  fileprivate init(_ help: ShortageHelp) {
    self.init(titles: help.titles, remedies: help.remedies, commands: help.commands, holdersCommand: help.holdersCommand)
  }
}
