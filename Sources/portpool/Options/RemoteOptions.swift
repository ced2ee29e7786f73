internal import ArgumentParser
internal import Kernel
internal import PortModel
internal import Push

/// Another host to look at, and what its exporter asks for.
struct RemoteOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("Look at the host of this exporter, such as http://db-3:10097, through its /api/v1/snapshot.", valueName: "url"))
  var url: String?

  @Option(help: ArgumentHelp("A file with user:password in its first line.", valueName: "file"))
  var basicAuthFile: String?

  @Option(help: ArgumentHelp("A file with a bearer token in its first line.", valueName: "file"))
  var bearerTokenFile: String?

  @Option(help: ArgumentHelp("The certificates (PEM) of the only authorities to trust; else the system's.", valueName: "file"))
  var caFile: String?

  @Option(help: ArgumentHelp("The own certificate (PEM), where the exporter asks for one.", valueName: "file"))
  var certFile: String?

  @Option(help: ArgumentHelp("The key (PEM) of the own certificate, where it is a file of its own.", valueName: "file"))
  var keyFile: String?

  @Option(
    help: ArgumentHelp("The longest that one look at the other host may take.", valueName: "duration"),
    transform: { try Duration(argument: $0) })
  var timeout = Duration.seconds(5)

  func validate() throws {
    let dependent = [
      ("--basic-auth-file", basicAuthFile), ("--bearer-token-file", bearerTokenFile), ("--ca-file", caFile), ("--cert-file", certFile),
      ("--key-file", keyFile),
    ]
    if url == nil, let flag = dependent.first(where: { $0.1 != nil }) {
      throw ValidationError("\(flag.0): without --url there is nobody to show it to; give the exporter's address too.")
    }
    if basicAuthFile != nil, bearerTokenFile != nil {
      throw ValidationError("--bearer-token-file: there is --basic-auth-file too; give one of them.")
    }
    if url?.contains("?") == true { throw ValidationError("--url: has a query; give the exporter's address, such as http://db-3:10097.") }
    do { _ = try configuration } catch { throw ValidationError("\(error).") }
  }

  /// The address as it is shown; `nil` to look at this host.
  var shownURL: String? { get throws { try configuration?.url.base } }

  /// What reads from the other host; `nil` to look at this one.
  var fetcher: HTTPFetcher? {
    get throws {
      try configuration.map { HTTPFetcher($0) { try FileReader.bytes(of: $0, limit: 1 << 16) } }
    }
  }

  private var configuration: PushConfiguration? {
    get throws {
      guard let url else { return nil }
      return try PushConfiguration(
        url: url, timeout: timeout, basicAuthFile: basicAuthFile, bearerTokenFile: bearerTokenFile, caFile: caFile, certFile: certFile,
        keyFile: keyFile)
    }
  }
}
