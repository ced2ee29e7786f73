internal import ArgumentParser
internal import Inspector
internal import Kernel
internal import PortModel
internal import Terminal

struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Say what is wrong with this host's port pool, and what to do about it.",
    discussion: """
      Looks at the pool, its fullest destinations, the servers in it, programs that leak or bind too early, TIME_WAIT, UDP, connection \
      tracking and the settings. Nothing is changed. Problems that only show over time are watched for --interval seconds.

      The exit status is 0 if nothing is wrong, 1 if there are findings, and 2 if the pool could not be examined.

      EXAMPLES
        sudo portpool doctor
        portpool doctor --format json
        portpool doctor --range nodeport=30000-32767
        sudo portpool doctor --collector.refusals --interval 30
        sudo ip netns exec blue portpool doctor
      """
  )

  @Option(help: "The output format.")
  var format = ExplainCommand.Format.text

  @Option(help: ArgumentHelp("How long to watch; 0 to look once.", valueName: "seconds"))
  var interval = 2.0

  @Option(name: .customLong("exporter-port"), help: ArgumentHelp("The port the exporter listens on, or would.", valueName: "port"))
  var exporterPort: Port = 10097

  @Flag(
    name: .customLong("collector.refusals"),
    help: "Count in the kernel, while watching, the calls that are refused a port. Takes root, or CAP_BPF and CAP_PERFMON.")
  var countsRefusals = false

  @OptionGroup var services: ServiceRangeOptions

  @Option(name: .customLong("path.procfs"), help: ArgumentHelp("Where the process file system is mounted.", valueName: "path"))
  var procfs = "/proc"

  func validate() throws {
    guard (0...3600).contains(interval) else { throw ValidationError("--interval \(interval): expected seconds, 0 to 3600.") }
  }

  func run() throws {
    let doctor = Doctor(
      HostFiles(procfs: procfs), exporterPort: exporterPort, ranges: services.ranges, watch: .seconds(interval),
      countsRefusals: countsRefusals)
    let diagnosis = doctor.diagnosis()
    switch format {
    case .text: try StandardOutput.write(Renderer.standardOutput.bytes(diagnosis.page))
    case .json: try StandardOutput.write(DoctorDocument(diagnosis).encoded())
    }
    if diagnosis.exitStatus != 0 { throw ExitCode(diagnosis.exitStatus) }
  }
}
