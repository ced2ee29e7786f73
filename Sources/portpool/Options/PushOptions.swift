internal import ArgumentParser
internal import Push

/// Where and when `portpool push` pushes.
struct PushOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Where to push to: http://GATEWAY:9091, or with --format remote-write the receiver, http://PROMETHEUS:9090.",
      valueName: "url"))
  var url: String

  @Flag(help: "Push once. This is the default without --interval.")
  var once = false

  @Option(
    help: ArgumentHelp("Push repeatedly, at this interval, such as 15s.", valueName: "duration"),
    transform: { try Duration(argument: $0) })
  var interval: Duration?

  @OptionGroup var content: PushContentOptions<NoPrefix>
  @OptionGroup var access: ServerAccessOptions<NoPrefix>

  func validate() throws {
    if once && interval != nil { throw ValidationError("--once: --interval is given too; give one of them.") }
    do { _ = try configuration() } catch { throw ValidationError("\(error).") }
  }

  /// - Throws: `PushConfigurationError`, which names the flag.
  func configuration() throws -> PushConfiguration { try content.configuration(url: url, interval: interval, access) }
}

/// Where and when `portpool serve` pushes as well as being scraped; without `--push.url` it does not.
struct ServePushOptions: ParsableArguments {
  @Option(
    name: .customLong("push.url"),
    help: ArgumentHelp(
      "Push in addition to being scraped, to http://GATEWAY:9091 or, with --push.format remote-write, to http://PROMETHEUS:9090 (default: off).",
      valueName: "url"))
  var url: String?

  @Option(
    name: .customLong("push.interval"), help: ArgumentHelp("The time between pushes.", valueName: "duration"),
    transform: { try Duration(argument: $0) })
  var interval = Duration.seconds(15)

  @OptionGroup var content: PushContentOptions<PushPrefix>
  @OptionGroup var access: ServerAccessOptions<PushPrefix>

  func validate() throws {
    do { _ = try configuration() } catch { throw ValidationError("\(error).") }
  }

  /// What to push and where; `nil` without `--push.url`.
  ///
  /// - Throws: `PushConfigurationError`, which names the flag.
  func configuration() throws -> PushConfiguration? {
    if let url { return try content.configuration(url: url, interval: interval, access) }
    if let flag = content.firstGiven ?? access.firstGiven {
      throw PushConfigurationError(flag: flag, problem: "it needs --push.url")
    }
    return nil
  }
}

/// What is pushed and how: the flags that `push` and `serve` share.
struct PushContentOptions<Prefix: FlagPrefix>: ParsableArguments {
  @Option(name: Prefix.name("format"), help: "Protocol: pushgateway, or remote-write (Remote Write 1.0).")
  var format = PushProtocol.pushgateway

  @Option(name: Prefix.name("job"), help: ArgumentHelp("The job label of the pushed metrics.", valueName: "name"))
  var job = "portpool"

  @Option(
    name: Prefix.name("grouping"),
    help: ArgumentHelp(
      "Another grouping label, such as instance=web-1. May be repeated. Hosts with the same job and grouping overwrite each other.",
      valueName: "label=value"))
  var grouping: [String] = []

  @Option(
    name: Prefix.name("method"),
    help: ArgumentHelp(
      "What happens to an existing group: put replaces it, post replaces only metrics of the same name (default: put).",
      valueName: "put|post"))
  var method: PushMethod?

  @Option(
    name: Prefix.name("timeout"),
    help: ArgumentHelp("The time limit for one attempt.", valueName: "duration"),
    transform: { try Duration(argument: $0) })
  var timeout = Duration.seconds(10)

  @Flag(name: Prefix.name("delete-on-exit"), help: "Delete the group from the Pushgateway on exit.")
  var deletesOnExit = false

  @Option(
    name: Prefix.name("header"),
    help: ArgumentHelp(
      "An additional request header. May be repeated. Not for secrets: they would be visible in the process list.", valueName: "name: value"
    ))
  var headers: [String] = []

  @Option(
    name: Prefix.name("compression"),
    help: ArgumentHelp(
      "How to compress the body for a Pushgateway; gzip needs version 1.5 (default: none).", valueName: "gzip|none"))
  var compression: PushCompression?

  /// The first flag here that means nothing without a target, `--push.grouping`; `nil` if none is given.
  var firstGiven: String? {
    if !grouping.isEmpty { return Prefix.flag("grouping") }
    if !headers.isEmpty { return Prefix.flag("header") }
    return deletesOnExit ? Prefix.flag("delete-on-exit") : nil
  }

  /// - Throws: `PushConfigurationError`, which names the flag.
  func configuration(url: String, interval: Duration?, _ access: ServerAccessOptions<Prefix>) throws -> PushConfiguration {
    if let group = url.firstRange(of: "/metrics/job/") ?? url.firstRange(of: "/metrics/job@base64/") {
      throw PushConfigurationError(
        flag: Prefix.flag("url"),
        problem: "the path \(url[group.lowerBound...]) is that of a group, which the program adds itself; "
          + "end the URL before /metrics and name the group with \(Prefix.flag("job")) and \(Prefix.flag("grouping"))")
    }
    return try PushConfiguration(
      url: url, format: format, job: job, grouping: grouping, method: method, interval: interval, deletesOnExit: deletesOnExit,
      timeout: timeout, basicAuthFile: access.basicAuthFile, bearerTokenFile: access.bearerTokenFile, headers: headers,
      caFile: access.caFile, certFile: access.certFile, keyFile: access.keyFile, compression: compression, flagPrefix: Prefix.flag(""))
  }
}

extension PushProtocol: ExpressibleByArgument {}
extension PushMethod: ExpressibleByArgument {}
extension PushCompression: ExpressibleByArgument {}
