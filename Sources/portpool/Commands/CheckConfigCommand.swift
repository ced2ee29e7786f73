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
      Does with the file what a start would do, without listening. Exit status 0 when a start would take it, 1 when not.

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
