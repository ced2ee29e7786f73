internal import CCurl

/// One HTTP request.
struct PushRequest: Sendable, Hashable {
  /// `GET`, `PUT`, `POST` or `DELETE`.
  let method: String
  /// The whole address; a query in it may hold a secret.
  let url: String
  /// The address as errors show it.
  let shownURL: String
  /// Header lines: `Content-Type: text/plain; version=0.0.4; charset=utf-8`.
  let headers: [String]
  /// `nil` for a request without a body.
  let body: [UInt8]?
}

extension CurlTransfer {
  /// Sets what to send, where to, and the limits.
  mutating func prepare(
    _ request: PushRequest, _ configuration: PushConfiguration, _ secret: PushSecret?, timeout: Duration
  ) throws(PushError) {
    try prepareMemory()
    try set(CURLOPT_URL, request.url)
    try set(CURLOPT_CUSTOMREQUEST, request.method)
    if let body = request.body { try setBody(body) }
    for line in request.headers { try addHeader(line) }
    // libcurl takes a header with an empty value only with a semicolon.
    for header in configuration.headers { try addHeader(header.value.isEmpty ? "\(header.name);" : "\(header.name): \(header.value)") }
    // Without this, libcurl waits for "100 Continue" before a large body.
    try addHeader("Expect:")
    try setLimits(timeout)
    try setTLS(configuration)
    if let secret {
      try authenticate(with: secret)
      if !configuration.url.isEncrypted { try keepFromProxies() }
    }
  }

  private func setLimits(_ timeout: Duration) throws(PushError) {
    // Signals belong to the program, not to a library on one of its threads.
    try set(CURLOPT_NOSIGNAL, 1)
    try set(CURLOPT_PROTOCOLS, Int(CURLPROTO_HTTP | CURLPROTO_HTTPS))
    // A redirect would send the secret and the body to a server that the user did not name.
    try set(CURLOPT_FOLLOWLOCATION, 0)
    try set(CURLOPT_TIMEOUT_MS, timeout.wholeMilliseconds)
    try set(CURLOPT_CONNECTTIMEOUT_MS, timeout.wholeMilliseconds)
    // Past its limit a transfer would wait for the thread that resolves the name, for as long as name servers are silent. That thread is left
    // to end by itself.
    setIfKnown(ccurl_quick_exit, 1)
    // One connection stays open between pushes, however long the interval: a new one needs a local port.
    try set(CURLOPT_TCP_KEEPALIVE, 1)
    try set(CURLOPT_MAXAGE_CONN, 86_400)
    try set(CURLOPT_USERAGENT, "portpool")
  }

  private func setTLS(_ configuration: PushConfiguration) throws(PushError) {
    guard configuration.url.isEncrypted else { return }
    try set(CURLOPT_SSL_VERIFYPEER, 1)
    try set(CURLOPT_SSL_VERIFYHOST, 2)
    try set(CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2)
    if let file = configuration.caFile {
      try set(CURLOPT_CAINFO, file)
      // Else the system's folder of authorities would be trusted as well.
      try clear(CURLOPT_CAPATH)
    }
    if let file = configuration.certFile {
      try set(CURLOPT_SSLCERT, file)
      try set(CURLOPT_SSLKEY, configuration.keyFile ?? file)
    }
  }

  private func authenticate(with secret: PushSecret) throws(PushError) {
    switch secret.scheme {
    case .basic:
      try set(CURLOPT_HTTPAUTH, ccurl_auth_basic)
      try set(CURLOPT_USERPWD, secret.text)
    case .bearer:
      try set(CURLOPT_HTTPAUTH, ccurl_auth_bearer)
      try set(CURLOPT_XOAUTH2_BEARER, secret.text)
    }
  }

  /// Makes a transfer fail before it connects if the environment has a proxy for it: over plain HTTP the proxy would read the login.
  ///
  /// libcurl decides with its own rules for `no_proxy` whether a proxy is used at all; if one is, it is this, whose scheme does not exist.
  private mutating func keepFromProxies() throws(PushError) {
    let names: [String] = ["http_proxy", "all_proxy", "ALL_PROXY"]
    guard names.contains(where: { name in unsafe ccurl_environment_has(name) != 0 }) else { return }
    try set(CURLOPT_PROXY, "no-proxy-for-logins://proxy")
    isKeptFromProxies = true
  }
}

extension Duration {
  /// Whole milliseconds, at least one: to libcurl a limit of 0 is none.
  var wholeMilliseconds: Int { max(1, Int(min(self, .seconds(86_400)) / .milliseconds(1))) }
}
