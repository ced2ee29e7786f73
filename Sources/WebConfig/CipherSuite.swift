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
