internal import ArgumentParser
internal import Push

/// Where and how `portpool push` pushes.
struct PushOptions: ParsableArguments {
  @Option(
    name: .customLong("url"),
    help: ArgumentHelp(
      "Where to push to: http://GATEWAY:9091, or with --format remote-write the receiver, http://PROMETHEUS:9090.",
      valueName: "url"))
  var url: String

  @Option(
    name: .customLong("format"),
    help: "What is spoken: pushgateway, or remote-write (Remote Write 1.0).")
  var format = PushFormat.pushgateway

  @Option(
    name: .customLong("job"),
    help: ArgumentHelp("The label job of what is pushed.", valueName: "name"))
  var job = "portpool"

  @Option(
    name: .customLong("grouping"),
    help: ArgumentHelp(
      "A further label of the group, such as instance=web-1. May be repeated. Hosts with the same job and grouping replace each other.",
      valueName: "label=value"))
  var grouping: [String] = []

  @Option(
    name: .customLong("method"),
    help: ArgumentHelp(
      "What becomes of the group that is there: put replaces it, post only metrics of the same name (default: put).",
      valueName: "put|post"))
  var method: PushMethod?

  @Flag(help: "Push once; the default without --interval.")
  var once = false

  @Option(
    help: ArgumentHelp("Push again and again, from one push to the next such as 15s.", valueName: "duration"),
    transform: { try Duration(argument: $0) })
  var interval: Duration?

  @Option(
    name: .customLong("timeout"),
    help: ArgumentHelp("The longest that one attempt may take.", valueName: "duration"),
    transform: { try Duration(argument: $0) })
  var timeout = Duration.seconds(10)

  @Flag(
    name: .customLong("delete-on-exit"),
    help: "Delete the group from the Pushgateway at the end.")
  var deletesOnExit = false

  @Option(
    name: .customLong("basic-auth-file"),
    help: ArgumentHelp("A file with USER:PASSWORD in its first line, read anew for each push.", valueName: "file"))
  var basicAuthFile: String?

  @Option(
    name: .customLong("bearer-token-file"),
    help: ArgumentHelp("A file with a token in its first line, read anew for each push.", valueName: "file"))
  var bearerTokenFile: String?

  @Option(
    name: .customLong("header"),
    help: ArgumentHelp(
      "A further request header. May be repeated. Not for secrets: everyone can read it in ps.",
      valueName: "name: value"))
  var headers: [String] = []

  @Option(
    name: .customLong("ca-file"),
    help: ArgumentHelp(
      "The certificates (PEM) of the only authorities to trust, instead of the system's.",
      valueName: "file"))
  var caFile: String?

  @Option(
    name: .customLong("cert-file"),
    help: ArgumentHelp("The client's own certificate (PEM), for a server that asks for one.", valueName: "file"))
  var certFile: String?

  @Option(
    name: .customLong("key-file"),
    help: ArgumentHelp("Its key (PEM), if not in the same file.", valueName: "file"))
  var keyFile: String?

  @Option(
    name: .customLong("compression"),
    help: ArgumentHelp(
      "How the body goes to a Pushgateway, which needs version 1.5 for gzip (default: none).",
      valueName: "gzip|none"))
  var compression: PushCompression?

  func validate() throws {
    if once && interval != nil { throw ValidationError("--once: there is --interval too; give one of them.") }
    do { _ = try configuration() } catch { throw ValidationError("\(error).") }
  }

  /// - Throws: `PushConfigurationError`, which names the flag.
  func configuration() throws -> PushConfiguration {
    try PushConfiguration(
      url: url, format: format, job: job, grouping: grouping, method: method, interval: interval, deletesOnExit: deletesOnExit,
      timeout: timeout, basicAuthFile: basicAuthFile, bearerTokenFile: bearerTokenFile, headers: headers, caFile: caFile,
      certFile: certFile, keyFile: keyFile, compression: compression)
  }
}
