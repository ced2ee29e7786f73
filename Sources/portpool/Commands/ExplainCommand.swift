internal import ArgumentParser
internal import Inspector
internal import Kernel
internal import PortModel
internal import Terminal

struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Say what a port is and who holds it.",
    discussion: """
      Names the process that holds each socket, or says why it cannot. Only root sees the processes of other users.

      EXAMPLES
        portpool explain 49152
        portpool explain 53 --protocol udp
        sudo portpool explain 8080 --netns blue
        portpool explain 443 --format json
        portpool explain 30080 --range nodeport=30000-32767

      ELSEWHERE
        Linux:    ss -tunap 'sport = :49152 or dport = :49152'
        Linux:    lsof -nP -i :49152
        Linux:    netstat -tunap | grep :49152
        macOS:    lsof -nP -i :49152
        FreeBSD:  sockstat -P tcp,udp -p 49152
        Windows:  Get-NetTCPConnection -LocalPort 49152 | Select-Object State, RemoteAddress, OwningProcess
        Windows:  netstat -ano | findstr :49152
        Windows:  netsh int ipv4 show dynamicport tcp
        Windows:  netsh int ipv4 show excludedportrange protocol=tcp
      """
  )

  enum Transports: String, ExpressibleByArgument, CaseIterable {
    case tcp, udp, any

    var transports: [TransportProtocol] {
      switch self {
      case .tcp: [.tcp]
      case .udp: [.udp]
      case .any: [.tcp, .udp]
      }
    }
  }

  enum Format: String, ExpressibleByArgument, CaseIterable {
    case text, json
  }

  @Argument(help: "The port, 0 to 65535.", transform: Self.port)
  var port: Port

  @Option(name: .customLong("protocol"), help: "The transport.")
  var transports = Transports.any

  @Option(
    help: ArgumentHelp(
      "Another network namespace: its name in /run/netns, its inode number, or the PID of a process in it.", valueName: "name|inode|pid"))
  var netns: String?

  @Option(help: "The output format.")
  var format = Format.text

  @OptionGroup var services: ServiceRangeOptions

  @Option(name: .customLong("path.procfs"), help: ArgumentHelp("Where the process file system is mounted.", valueName: "path"))
  var procfs = "/proc"

  func run() throws {
    let inspector = PortInspector(HostFiles(procfs: procfs))
    switch format {
    case .text: try writeText(inspector)
    case .json:
      try StandardOutput.write(
        ExplainDocument(
          report { () throws(InspectionError) in
            try inspector.report(port, transports.transports, netns: netns, ranges: services.ranges)
          }
        ).encoded())
    }
  }

  /// The answer for one namespace at once, and what others have as it is found.
  private func writeText(_ inspector: PortInspector) throws {
    let report = try report { () throws(InspectionError) in
      try inspector.here(port, transports.transports, netns: netns, ranges: services.ranges)
    }
    let renderer = Renderer.standardOutput
    try StandardOutput.write(renderer.bytes(report.page))
    guard netns == nil else { return }
    var isFirst = true
    let notes = try inspector.searchElsewhere(port, transports.transports) { use in
      try StandardOutput.write(Array(renderer.text(report.lines(about: use, isFirst: isFirst)).utf8))
      isFirst = false
    }
    if !notes.isEmpty { try StandardOutput.write(Array(renderer.text(PortReport.lines(notes)).utf8)) }
  }

  private func report(_ ask: () throws(InspectionError) -> PortReport) throws -> PortReport {
    do { return try ask() } catch { throw CommandError("\(error)") }
  }

  private static func port(_ argument: String) throws -> Port {
    if let port = Port(argument), argument.utf8.allSatisfy({ 48...57 ~= $0 }) { return port }
    guard !argument.isEmpty, argument.utf8.allSatisfy({ 48...57 ~= $0 }) else {
      throw ValidationError("expected a port number, 0 to 65535; look up names of services in /etc/services")
    }
    throw ValidationError("a port number has 16 bits: 0 to 65535")
  }
}
