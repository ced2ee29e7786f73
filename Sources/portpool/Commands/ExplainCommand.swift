internal import ArgumentParser
internal import Inspector
internal import Kernel
internal import PortModel
internal import Terminal

struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Say what a port is and who holds it, or who holds ports towards a destination.",
    discussion: """
      Names the process that holds each socket, or says why it cannot. Only root sees the processes of other users.

      For a destination, or a range of local ports, the sockets are counted by process and state. "ephemeral" is the kernel's range, \
      net.ipv4.ip_local_port_range; "well_known", "registered" and "dynamic" are IANA's; other names are given with --range.

      EXAMPLES
        portpool explain 49152
        portpool explain 53 --protocol udp
        sudo portpool explain 8080 --netns blue
        portpool explain 443 --format json
        portpool explain 30080 --range nodeport=30000-32767
        sudo portpool explain 10.0.0.9:5432
        sudo portpool explain '[2001:db8::9]:443' --netns blue
        sudo portpool explain ephemeral
        sudo portpool explain nodeport --range nodeport=30000-32767

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

  @Argument(
    help: ArgumentHelp(
      "A port, 0 to 65535; a destination, such as 10.0.0.9:5432 or [::1]:443; or a range, by its bounds or its name.",
      valueName: "port|address:port|range"),
    transform: { try ExplainSubject(argument: $0) })
  var subject: ExplainSubject

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

  func validate() throws { _ = try subject.question(services.ranges) }

  func run() throws {
    let host = HostFiles(procfs: procfs)
    if let question = try subject.question(services.ranges) { return try writeHolders(question, host) }
    guard case .port(let port) = subject else { return }
    let inspector = PortInspector(host)
    switch format {
    case .text: try writeText(inspector, port)
    case .json:
      try StandardOutput.write(
        ExplainDocument(
          answer { () throws(InspectionError) in
            try inspector.report(port, transports.transports, netns: netns, ranges: services.ranges)
          }
        ).encoded())
    }
  }

  private func writeHolders(_ question: HolderInspector.Question, _ host: HostFiles) throws {
    let report = try answer { () throws(InspectionError) in
      try HolderInspector(host).report(question, transports.transports, netns: netns)
    }
    switch format {
    case .text: try StandardOutput.write(Renderer.standardOutput.bytes(report.page))
    case .json: try StandardOutput.write(HoldersDocument(report).encoded())
    }
  }

  /// The answer for one namespace at once, and what others have as it is found.
  private func writeText(_ inspector: PortInspector, _ port: Port) throws {
    let report = try answer { () throws(InspectionError) in
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

  private func answer<Report>(_ ask: () throws(InspectionError) -> Report) throws -> Report {
    do { return try ask() } catch { throw CommandError("\(error)") }
  }
}
