internal import CCurl

extension CurlTransfer {
  /// Says what to send where, and how far to go for it.
  mutating func prepare(_ request: PushRequest, _ configuration: PushConfiguration, _ secret: PushSecret?) throws(PushError) {
    try prepareMemory()
    try set(CURLOPT_URL, request.url)
    try set(CURLOPT_CUSTOMREQUEST, request.method)
    if let body = request.body { try setBody(body) }
    for line in request.headers { try addHeader(line) }
    // libcurl takes a header with an empty value only with a semicolon.
    for header in configuration.headers { try addHeader(header.value.isEmpty ? "\(header.name);" : "\(header.name): \(header.value)") }
    // Without this, libcurl waits for "100 Continue" before a large body.
    try addHeader("Expect:")
    try setLimits(configuration)
    try setTLS(configuration)
    if let secret { try authenticate(with: secret) }
  }

  private func setLimits(_ configuration: PushConfiguration) throws(PushError) {
    // Signals belong to the program, not to a library on one of its threads.
    try set(CURLOPT_NOSIGNAL, 1)
    try set(CURLOPT_PROTOCOLS, Int(CURLPROTO_HTTP | CURLPROTO_HTTPS))
    // A redirect would carry the secret and the body to somewhere the user did not name.
    try set(CURLOPT_FOLLOWLOCATION, 0)
    try set(CURLOPT_TIMEOUT_MS, configuration.timeout.wholeMilliseconds)
    try set(CURLOPT_CONNECTTIMEOUT_MS, configuration.timeout.wholeMilliseconds)
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
      // Else the system's folder of authorities would be trusted beside the file.
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
}

extension Duration {
  /// Whole milliseconds, at least one: to libcurl a limit of 0 is none.
  var wholeMilliseconds: Int { max(1, Int(min(self, .seconds(86_400)) / .milliseconds(1))) }
}
