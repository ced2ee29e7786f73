/// A curve for the key exchange by the name that Go gives it.
package enum CurvePreference: String, Sendable, Hashable, CaseIterable {
  case p256 = "CurveP256"
  case p384 = "CurveP384"
  case p521 = "CurveP521"
  case x25519 = "X25519"
  case x25519MLKEM768 = "X25519MLKEM768"
}
