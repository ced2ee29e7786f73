internal import ArgumentParser

/// How a command's names of shared flags begin.
protocol FlagPrefix: Sendable {
  static var text: String { get }
}

/// `--job`
enum NoPrefix: FlagPrefix {
  static let text = ""
}

/// `--push.job`
enum PushPrefix: FlagPrefix {
  static let text = "push."
}

extension FlagPrefix {
  /// The flag as the user writes it: `--push.job`.
  static func flag(_ name: String) -> String { "--\(text)\(name)" }

  /// The flag as the parser takes it.
  static func name(_ name: String) -> NameSpecification { .customLong(text + name) }
}

/// What another server asks for and is asked for: a login, certificates. `push`, `serve` and `top` share these flags.
struct ServerAccessOptions<Prefix: FlagPrefix>: ParsableArguments {
  @Option(
    name: Prefix.name("basic-auth-file"),
    help: ArgumentHelp("A file with USER:PASSWORD on its first line, read for each request.", valueName: "file"))
  var basicAuthFile: String?

  @Option(
    name: Prefix.name("bearer-token-file"),
    help: ArgumentHelp("A file with a token on its first line, read for each request.", valueName: "file"))
  var bearerTokenFile: String?

  @Option(
    name: Prefix.name("ca-file"),
    help: ArgumentHelp("The CA certificates (PEM) to trust instead of the system's.", valueName: "file"))
  var caFile: String?

  @Option(
    name: Prefix.name("cert-file"),
    help: ArgumentHelp("The client certificate (PEM), for servers that require one.", valueName: "file"))
  var certFile: String?

  @Option(
    name: Prefix.name("key-file"),
    help: ArgumentHelp("The private key (PEM) of the client certificate, if it is in a separate file.", valueName: "file"))
  var keyFile: String?

  /// The first flag that is given, `--push.ca-file`; `nil` if none is.
  var firstGiven: String? {
    let values = [
      ("basic-auth-file", basicAuthFile), ("bearer-token-file", bearerTokenFile), ("ca-file", caFile), ("cert-file", certFile),
      ("key-file", keyFile),
    ]
    return values.first { $0.1 != nil }.map { Prefix.flag($0.0) }
  }
}
