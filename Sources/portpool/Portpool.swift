internal import ArgumentParser
internal import Kernel
internal import PortModel

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

  static func main() async { await main(ProgramArguments.words) }
}
