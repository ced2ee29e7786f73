internal import ArgumentParser
internal import Dispatch
internal import Kernel
internal import PortModel
internal import Terminal
internal import WebConfig

@main
struct Portpool: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "portpool",
    abstract: "Shows how much is left of the kernel's local port pool, and who holds it.",
    discussion: """
      Every outgoing connection takes a local port from the range in net.ipv4.ip_local_port_range. When a \
      destination has used up the range, connect() fails with EADDRNOTAVAIL. Portpool tells Prometheus, and you, \
      how many connects are left.

      EXAMPLES
        portpool                                    serve http://localhost:10097/metrics
        portpool snapshot                           this host's pool, once, for people
        portpool snapshot --format json --tuples all
        portpool snapshot --range nodeport=30000-32767
        portpool top                                watch the pools, live
        portpool explain 49152                      what that port is, and who holds it
        portpool doctor                             what is wrong, and what to do
        portpool push --url http://gateway:9091     for hosts that cannot be scraped
        portpool check-config /etc/portpool/web.yml
      """,
    version: BuildInfo.current.description,
    subcommands: [
      ServeCommand.self, SnapshotCommand.self, TopCommand.self, ExplainCommand.self, DoctorCommand.self, PushCommand.self,
      CheckConfigCommand.self,
    ],
    defaultSubcommand: ServeCommand.self
  )

  /// Runs the command on the main thread. Only those that wait for many things at once get the threads of Swift concurrency, which are
  /// ended by a trap sooner or later where there is no `/proc`: libdispatch counts its threads there.
  static func main() {
    let words = ProgramArguments.words
    refuseUnknownCommand(words)
    do {
      var command = try parseAsRoot(words)
      guard command is any AsyncParsableCommand else { return try command.run() }
      do { _ = try FileDescriptor(reading: "/proc/self/stat") } catch {
        throw CommandError("\(error); there is no process file system at /proc: mount it with mount -t proc proc /proc")
      }
      (command as? any KernelCountingCommand)?.prepareSources()
    } catch {
      exit(withError: error)
    }
    Task {
      await main(words)
      exit()
    }
    dispatchMain()
  }

  /// Ends the program if the first word is no command: the default command takes no words, and its usage would not say what is wrong.
  private static func refuseUnknownCommand(_ words: [String]) {
    let names = configuration.subcommands.compactMap { $0.configuration.commandName }
    guard let word = words.first, !word.isEmpty, !word.hasPrefix("-"), word != "help", !names.contains(word) else { return }
    let hint =
      NameSuggestion.closest(to: word, among: names).map { "did you mean \"\($0)\"?" } ?? "known are \(names.joined(separator: ", "))"
    Message.write("unknown command \"\(word)\"; \(hint)")
    exit(withError: ExitCode.validationFailure)
  }
}
