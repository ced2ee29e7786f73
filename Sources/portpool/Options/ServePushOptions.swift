internal import ArgumentParser
internal import Push

/// Where and how `portpool serve` pushes beside being scraped; it does not without `--push.url`.
struct ServePushOptions: ParsableArguments {
  @Option(
    name: .customLong("push.url"),
    help: ArgumentHelp(
      "Push as well as being scraped: where to, http://GATEWAY:9091, or with --push.format remote-write http://PROMETHEUS:9090 (default: off).",
      valueName: "url"))
  var url: String?

  @Option(
    name: .customLong("push.format"),
    help: "What is spoken: pushgateway, or remote-write (Remote Write 1.0).")
  var format = PushFormat.pushgateway

  @Option(
    name: .customLong("push.job"),
    help: ArgumentHelp("The label job of what is pushed.", valueName: "name"))
  var job = "portpool"

  @Option(
    name: .customLong("push.grouping"),
    help: ArgumentHelp(
      "A further label of the group, such as instance=web-1. May be repeated. Hosts with the same job and grouping replace each other.",
      valueName: "label=value"))
  var grouping: [String] = []

  @Option(
    name: .customLong("push.method"),
    help: ArgumentHelp(
      "What becomes of the group that is there: put replaces it, post only metrics of the same name (default: put).",
      valueName: "put|post"))
  var method: PushMethod?

  @Option(
    name: .customLong("push.interval"), help: ArgumentHelp("From one push to the next.", valueName: "duration"),
    transform: { try Duration(argument: $0) })
  var interval = Duration.seconds(15)

  @Option(
    name: .customLong("push.timeout"),
    help: ArgumentHelp("The longest that one attempt may take.", valueName: "duration"),
    transform: { try Duration(argument: $0) })
  var timeout = Duration.seconds(10)

  @Flag(
    name: .customLong("push.delete-on-exit"),
    help: "Delete the group from the Pushgateway at the end.")
  var deletesOnExit = false

  @Option(
    name: .customLong("push.basic-auth-file"),
    help: ArgumentHelp("A file with USER:PASSWORD in its first line, read anew for each push.", valueName: "file"))
  var basicAuthFile: String?

  @Option(
    name: .customLong("push.bearer-token-file"),
    help: ArgumentHelp("A file with a token in its first line, read anew for each push.", valueName: "file"))
  var bearerTokenFile: String?

  @Option(
    name: .customLong("push.header"),
    help: ArgumentHelp(
      "A further request header. May be repeated. Not for secrets: everyone can read it in ps.",
      valueName: "name: value"))
  var headers: [String] = []

  @Option(
    name: .customLong("push.ca-file"),
    help: ArgumentHelp(
      "The certificates (PEM) of the only authorities to trust, instead of the system's.",
      valueName: "file"))
  var caFile: String?

  @Option(
    name: .customLong("push.cert-file"),
    help: ArgumentHelp("The client's own certificate (PEM), for a server that asks for one.", valueName: "file"))
  var certFile: String?

  @Option(
    name: .customLong("push.key-file"),
    help: ArgumentHelp("Its key (PEM), if not in the same file.", valueName: "file"))
  var keyFile: String?

  @Option(
    name: .customLong("push.compression"),
    help: ArgumentHelp(
      "How the body goes to a Pushgateway, which needs version 1.5 for gzip (default: none).",
      valueName: "gzip|none"))
  var compression: PushCompression?

  func validate() throws {
    do { _ = try configuration() } catch { throw ValidationError("\(error).") }
  }

  /// What is to be pushed where; nil when nothing is.
  ///
  /// - Throws: `PushConfigurationError`, which names the flag.
  func configuration() throws -> PushConfiguration? {
    guard let url else {
      let given = [
        ("grouping", grouping.isEmpty), ("header", headers.isEmpty), ("basic-auth-file", basicAuthFile == nil),
        ("bearer-token-file", bearerTokenFile == nil), ("ca-file", caFile == nil), ("cert-file", certFile == nil),
        ("delete-on-exit", !deletesOnExit),
      ].first { !$0.1 }
      guard let given else { return nil }
      throw PushConfigurationError(flag: "--push.\(given.0)", problem: "there is no --push.url to push to")
    }
    return try PushConfiguration(
      url: url, format: format, job: job, grouping: grouping, method: method, interval: interval, deletesOnExit: deletesOnExit,
      timeout: timeout, basicAuthFile: basicAuthFile, bearerTokenFile: bearerTokenFile, headers: headers, caFile: caFile,
      certFile: certFile, keyFile: keyFile, compression: compression,
      flagPrefix: "--push.")
  }
}
