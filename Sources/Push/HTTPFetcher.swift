internal import CCurl
internal import Synchronization

/// Reads documents of another exporter with GET, over one kept connection, so that a look every two seconds does not take a port each time.
///
/// It goes through the same libcurl, with the same limits and checks of certificates, as a push. Blocking: one request at a time.
package final class HTTPFetcher: Sendable {
  private let configuration: PushConfiguration
  private let readFile: @Sendable (String) throws -> [UInt8]
  private let connections = Mutex<CurlMulti?>(nil)

  /// The longest document that is accepted, in bytes; a snapshot of a full pool with a hundred tuples has about 100,000.
  private static let limit = 16 << 20

  /// - Parameters:
  ///   - configuration: the target, the time limit, the certificates and the login; what it says about pushing is not used.
  ///   - readFile: the bytes of a file with a secret, called for each request.
  package init(_ configuration: PushConfiguration, readFile: @escaping @Sendable (String) throws -> [UInt8]) {
    self.configuration = configuration
    self.readFile = readFile
  }

  /// The document at `path`, such as `/api/v1/snapshot`, below the target. The first call loads libcurl.
  ///
  /// - Throws: what went wrong, in a sentence with the address; never a secret.
  package func get(_ path: String) throws(PushError) -> [UInt8] {
    ccurl_block_sigpipe()
    let connections = try connection()
    let url = configuration.url.base.hasSuffix(path) ? configuration.url.base : configuration.url.base + path
    let request = PushRequest(method: "GET", url: url, shownURL: url, headers: ["Accept: application/json"], body: nil)
    let secret = try PushSecret(configuration.credentials, readFile: readFile)
    let answer: AnswerBuffer
    do {
      answer = try connections.exchange(request, configuration, secret, answerLimit: Self.limit)
    } catch {
      guard error.reason == .noLocalPort else { throw error }
      throw PushError(
        .noLocalPort, "\(url): no local port is left for the connection (EADDRNOTAVAIL): this host's own port pool is used up for it")
    }
    guard !answer.isCut else { throw PushError(.rejected, "\(url): the answer is longer than \(Self.limit >> 20) MiB") }
    return answer.bytes
  }

  /// The target as errors show it.
  package var shownURL: String { configuration.url.base }

  private func connection() throws(PushError) -> CurlMulti {
    let result = connections.withLock { kept in
      Result { () throws(PushError) in
        if let kept { return kept }
        let made = try CurlMulti(CurlLibrary.shared.get())
        kept = made
        return made
      }
    }
    return try result.get()
  }
}
