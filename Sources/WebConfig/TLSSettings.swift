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
