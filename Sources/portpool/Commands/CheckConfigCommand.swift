internal import ArgumentParser
internal import Endpoint
internal import Kernel
internal import Terminal
internal import WebConfig

struct CheckConfigCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check-config",
    abstract: "Check a file for --web.config.file, certificates included, and exit.",
    discussion: """
      Reads the file as serve does at startup, without listening. The exit status is 0 if serve would accept it, and 1 if not.

      EXAMPLES
        portpool check-config /etc/portpool/web.yml
      """
  )

  @Argument(help: ArgumentHelp("The file.", valueName: "file"))
  var file: String

  func run() throws {
    do throws(ConfigurationError) {
      for warning in try WebConfigCheck.check(file) { Message.write("\(file): \(warning)") }
    } catch {
      throw CommandError(error.description)
    }
    try StandardOutput.write(Array("\(file): OK\n".utf8))
  }
}
