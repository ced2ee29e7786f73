internal import NIOSSL
internal import WebConfig

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
