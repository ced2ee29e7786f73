internal import ArgumentParser
internal import Inspector
internal import Kernel
internal import PortModel
internal import Terminal

struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Say what is wrong with this host's port pool, and what to do.",
    discussion: """
      Looks at the pool, its fullest destinations, the servers in it, programs that leak or bind too early, TIME_WAIT, UDP, connection \
      tracking and the settings. Nothing is changed. What needs two looks is watched for --interval seconds.

      The exit status is 0 when nothing is wrong, 1 when there are findings, 2 when the pool could not be looked at.

      EXAMPLES
        sudo portpool doctor
        portpool doctor --format json
        portpool doctor --range nodeport=30000-32767
        sudo ip netns exec blue portpool doctor
      """
  )

  @Option(help: "The form of the output.")
  var format = ExplainCommand.Format.text

  @Option(help: ArgumentHelp("How long to watch, 0 for one look.", valueName: "seconds"))
  var interval = 2.0

  @Option(name: .customLong("exporter-port"), help: ArgumentHelp("Where the exporter listens, or would.", valueName: "port"))
  var exporterPort: Port = 10097

  @OptionGroup var services: ServiceRangeOptions

  @Option(name: .customLong("path.procfs"), help: ArgumentHelp("Where the process file system is mounted.", valueName: "path"))
  var procfs = "/proc"

  func validate() throws {
    guard (0...3600).contains(interval) else { throw ValidationError("--interval \(interval): expected seconds, 0 to 3600.") }
  }

  func run() throws {
    let doctor = Doctor(HostFiles(procfs: procfs), exporterPort: exporterPort, ranges: services.ranges, watch: .seconds(interval))
    let diagnosis = doctor.diagnosis()
    switch format {
    case .text: try StandardOutput.write(Renderer.standardOutput.bytes(diagnosis.page))
    case .json: try StandardOutput.write(DoctorDocument(diagnosis).encoded())
    }
    if diagnosis.exitStatus != 0 { throw ExitCode(diagnosis.exitStatus) }
  }
}
