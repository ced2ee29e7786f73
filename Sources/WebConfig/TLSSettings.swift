/// `tls_server_config`.
package struct TLSSettings: Sendable, Hashable {
  /// `cert_file` or `cert`: the certificate and the chain after it.
  package let certificate: PEMSource
  /// `key_file` or `key`.
  package let key: PEMSource
  /// `client_ca_file` or `client_ca`.
  package let clientCA: PEMSource?
  /// `client_auth_type`.
  package let clientAuthentication: ClientAuthentication
  /// `client_allowed_sans`: a client's certificate must have one of these names; empty allows every name.
  package let clientAllowedSANs: [String]
  /// `min_version`.
  package let minimumVersion: ProtocolVersion
  /// `max_version`.
  package let maximumVersion: ProtocolVersion
  /// `cipher_suites`; empty is the library's choice.
  package let cipherSuites: [CipherSuite]
  /// `curve_preferences`; empty is the library's choice.
  package let curves: [CurvePreference]
}

/// Where a certificate or key comes from.
package enum PEMSource: Sendable, Hashable {
  /// A file; relative paths were resolved against the directory of the configuration.
  case file(String)
  /// The text itself.
  case inline(String)

  /// The path, of a file.
  package var path: String? {
    if case .file(let path) = self { path } else { nil }
  }
}

/// What a client must show: `client_auth_type`, named as Go's `tls.ClientAuthType`.
package enum ClientAuthentication: String, Sendable, Hashable, CaseIterable {
  case none = "NoClientCert"
  case request = "RequestClientCert"
  case requireAny = "RequireAnyClientCert"
  case verifyIfGiven = "VerifyClientCertIfGiven"
  case requireAndVerify = "RequireAndVerifyClientCert"

  /// Whether a certificate that is shown is checked against the client CA.
  package var verifies: Bool { self == .verifyIfGiven || self == .requireAndVerify }
}

/// A protocol version, named as in the configuration.
package enum ProtocolVersion: String, Sendable, Hashable, Comparable, CaseIterable {
  case tls10 = "TLS10"
  case tls11 = "TLS11"
  case tls12 = "TLS12"
  case tls13 = "TLS13"

  /// Older is less.
  package static func < (left: ProtocolVersion, right: ProtocolVersion) -> Bool { left.rawValue < right.rawValue }
}

/// A cipher suite by the name that Go and IANA give it.
///
/// These are the suites that Go's `tls.CipherSuites()` offers, the four with an RSA key exchange of Go before 1.22 included.
package enum CipherSuite: String, Sendable, Hashable, CaseIterable {
  case rsaAES128CBC = "TLS_RSA_WITH_AES_128_CBC_SHA"
  case rsaAES256CBC = "TLS_RSA_WITH_AES_256_CBC_SHA"
  case rsaAES128GCM = "TLS_RSA_WITH_AES_128_GCM_SHA256"
  case rsaAES256GCM = "TLS_RSA_WITH_AES_256_GCM_SHA384"
  case aes128GCM = "TLS_AES_128_GCM_SHA256"
  case aes256GCM = "TLS_AES_256_GCM_SHA384"
  case chacha20 = "TLS_CHACHA20_POLY1305_SHA256"
  case ecdheECDSAAES128CBC = "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA"
  case ecdheECDSAAES256CBC = "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA"
  case ecdheRSAAES128CBC = "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"
  case ecdheRSAAES256CBC = "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA"
  case ecdheECDSAAES128GCM = "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"
  case ecdheECDSAAES256GCM = "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"
  case ecdheRSAAES128GCM = "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"
  case ecdheRSAAES256GCM = "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"
  case ecdheRSAChaCha20 = "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"
  case ecdheECDSAChaCha20 = "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"

  /// The suites of TLS 1.3, which are always on: naming them changes nothing, in Go as here.
  package var isTLS13: Bool { self == .aes128GCM || self == .aes256GCM || self == .chacha20 }
}

/// A curve for the key exchange by the name that Go gives it.
package enum CurvePreference: String, Sendable, Hashable, CaseIterable {
  case p256 = "CurveP256"
  case p384 = "CurveP384"
  case p521 = "CurveP521"
  case x25519 = "X25519"
  case x25519MLKEM768 = "X25519MLKEM768"
}
