/// A protocol version, named as in the configuration.
package enum ProtocolVersion: String, Sendable, Hashable, Comparable, CaseIterable {
  case tls10 = "TLS10"
  case tls11 = "TLS11"
  case tls12 = "TLS12"
  case tls13 = "TLS13"

  /// Older is less.
  package static func < (left: ProtocolVersion, right: ProtocolVersion) -> Bool { left.rawValue < right.rawValue }
}
