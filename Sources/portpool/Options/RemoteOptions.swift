internal import ArgumentParser
internal import Kernel
internal import PortModel
internal import Push

/// Another host to look at, and what its exporter asks for.
struct RemoteOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("Look at the host of this exporter, such as http://db-3:10097, through its /api/v1/snapshot.", valueName: "url"))
  var url: String?

  @OptionGroup var access: ServerAccessOptions<NoPrefix>

  @Option(
    help: ArgumentHelp("The time limit for one request to the other host.", valueName: "duration"),
    transform: { try Duration(argument: $0) })
  var timeout = Duration.seconds(5)

  func validate() throws {
    if url == nil, let flag = access.firstGiven {
      throw ValidationError("\(flag): it needs --url, the exporter's address.")
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
        url: url, timeout: timeout, basicAuthFile: access.basicAuthFile, bearerTokenFile: access.bearerTokenFile, caFile: access.caFile,
        certFile: access.certFile, keyFile: access.keyFile)
    }
  }
}
