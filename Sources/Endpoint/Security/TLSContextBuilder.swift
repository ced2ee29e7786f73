internal import NIOCore
internal import NIOSSL
internal import WebConfig

/// Makes the TLS library's context of `tls_server_config`. What the library cannot load is reported with the key of the file.
struct TLSContextBuilder {
  private static let path = "tls_server_config"

  let config: WebConfig
  let settings: TLSSettings

  /// A context for new connections.
  /// - Throws: ``ConfigurationError``
  func context() throws(ConfigurationError) -> NIOSSLContext {
    let chain = try certificates(settings.certificate, "cert")
    let key = try privateKey()
    var tls = TLSConfiguration.makeServerConfiguration(certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
    tls.applicationProtocols = ["http/1.1"]
    tls.shutdownTimeout = .seconds(1)
    // Named suites of TLS 1.3 only leave nothing for a TLS 1.2 client, as in Go.
    let suites = settings.cipherSuites.filter { !$0.isTLS13 }
    let onlyTLS13 = suites.isEmpty && !settings.cipherSuites.isEmpty
    tls.minimumTLSVersion = onlyTLS13 ? .tlsv13 : Self.version(settings.minimumVersion)
    tls.maximumTLSVersion = Self.version(settings.maximumVersion)
    if !suites.isEmpty { tls.cipherSuiteValues = suites.map(Self.suite) }
    if !settings.curves.isEmpty { tls.curves = settings.curves.map(Self.curve) }
    switch settings.clientAuthentication {
    case .none: tls.certificateVerification = .none
    case .request, .verifyIfGiven: tls.certificateVerification = .optionalVerification
    case .requireAny, .requireAndVerify: tls.certificateVerification = .noHostnameVerification
    }
    if settings.clientAuthentication.verifies, let authority = settings.clientCA {
      tls.trustRoots = .certificates(try certificates(authority, "client_ca"))
      tls.sendCANameList = true
    }
    do {
      return try NIOSSLContext(configuration: tls)
    } catch {
      let place = keyPath("key", settings.key)
      throw config.error(
        place, "the TLS library refuses certificate and key together (\(error))",
        hint: "does the key belong to the first certificate of the chain?")
    }
  }

  private func certificates(_ source: PEMSource, _ name: String) throws(ConfigurationError) -> [NIOSSLCertificate] {
    let place = keyPath(name, source)
    let bytes = try config.read(source, of: place)
    let certificates = (try? NIOSSLCertificate.fromPEMBytes(bytes)) ?? []
    guard !certificates.isEmpty else {
      throw config.error(place, "it contains no readable certificate", hint: "it must be PEM: -----BEGIN CERTIFICATE-----")
    }
    return certificates
  }

  private func privateKey() throws(ConfigurationError) -> NIOSSLPrivateKey {
    let place = keyPath("key", settings.key)
    let bytes = try config.read(settings.key, of: place)
    guard let key = try? NIOSSLPrivateKey(bytes: bytes, format: .pem) else {
      throw config.error(place, "it contains no readable private key", hint: "it must be PEM and not encrypted")
    }
    return key
  }

  private func keyPath(_ name: String, _ source: PEMSource) -> String {
    "\(Self.path).\(source.path == nil ? name : name + "_file")"
  }
}

extension TLSContextBuilder {
  static func version(_ version: ProtocolVersion) -> TLSVersion {
    switch version {
    case .tls10: .tlsv1
    case .tls11: .tlsv11
    case .tls12: .tlsv12
    case .tls13: .tlsv13
    }
  }

  static func curve(_ curve: CurvePreference) -> NIOTLSCurve {
    switch curve {
    case .p256: .secp256r1
    case .p384: .secp384r1
    case .p521: .secp521r1
    case .x25519: .x25519
    case .x25519MLKEM768: .x25519_MLKEM768
    }
  }

  static func suite(_ suite: CipherSuite) -> NIOTLSCipher {
    switch suite {
    case .rsaAES128CBC: .TLS_RSA_WITH_AES_128_CBC_SHA
    case .rsaAES256CBC: .TLS_RSA_WITH_AES_256_CBC_SHA
    case .rsaAES128GCM: .TLS_RSA_WITH_AES_128_GCM_SHA256
    case .rsaAES256GCM: .TLS_RSA_WITH_AES_256_GCM_SHA384
    case .aes128GCM: .TLS_AES_128_GCM_SHA256
    case .aes256GCM: .TLS_AES_256_GCM_SHA384
    case .chacha20: .TLS_CHACHA20_POLY1305_SHA256
    case .ecdheECDSAAES128CBC: .TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA
    case .ecdheECDSAAES256CBC: .TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA
    case .ecdheRSAAES128CBC: .TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA
    case .ecdheRSAAES256CBC: .TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA
    case .ecdheECDSAAES128GCM: .TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256
    case .ecdheECDSAAES256GCM: .TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384
    case .ecdheRSAAES128GCM: .TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256
    case .ecdheRSAAES256GCM: .TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384
    case .ecdheRSAChaCha20: .TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256
    case .ecdheECDSAChaCha20: .TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256
    }
  }
}
