/// What a client must show: `client_auth_type`, named as Go's `tls.ClientAuthType`.
package enum ClientAuthentication: String, Sendable, Hashable, CaseIterable {
  case none = "NoClientCert"
  case request = "RequestClientCert"
  case requireAny = "RequireAnyClientCert"
  case verifyIfGiven = "VerifyClientCertIfGiven"
  case requireAndVerify = "RequireAndVerifyClientCert"

  /// Whether a certificate that is shown is checked against the client CA.
  package var verifies: Bool { self == .verifyIfGiven || self == .requireAndVerify }
  /// Whether a client without a certificate is turned away.
  package var requires: Bool { self == .requireAny || self == .requireAndVerify }
}
