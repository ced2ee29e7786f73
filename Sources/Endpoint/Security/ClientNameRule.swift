internal import NIOCore
internal import NIOSSL

/// `client_allowed_sans`: which names a client's certificate may have. RFC 5280 section 4.2.1.6
struct ClientNameRule: Sendable {
  let allowed: Set<String>

  /// Whether the certificate has one of the names: a DNS name, an e-mail address, an IP address or a URI, letter for letter.
  func admits(_ certificate: NIOSSLCertificate) -> Bool {
    certificate._subjectAlternativeNames().contains { name in
      Self.text(name).map(allowed.contains) ?? false
    }
  }

  private static func text(_ name: _SubjectAlternativeName) -> String? {
    let bytes = Array(name.contents)
    switch name.nameType {
    case .dnsName, .email, .uri: return String(validating: bytes, as: UTF8.self)
    case .ipAddress: return try? SocketAddress(packedIPAddress: ByteBuffer(bytes: bytes), port: 0).ipAddress
    default: return nil
    }
  }
}
