/// The text form of a bcrypt hash: `$2y$10$QOauhQNbBCuQDKes6eFzPeMqBSjb7Mr5DUmpZ/VcEd00UAV/LDeSi`.
package enum BcryptHash {
  /// `$2y$10$`, 22 letters of salt and 31 of hash.
  private static let length = 60

  /// What is wrong with a hash, or `nil`.
  static func problem(_ text: String) -> String? {
    let bytes = Array(text.utf8)
    if bytes.count < length { return "this is too short to be a bcrypt hash" }
    guard bytes.count == length, ["$2a$", "$2b$", "$2y$"].contains(String(text.prefix(4))), bytes[6] == UInt8(ascii: "$") else {
      return "this is no bcrypt hash of the kinds $2a$, $2b$ and $2y$"
    }
    guard cost(text) != nil else { return "the cost of a bcrypt hash is from 04 to 31" }
    let alphabet = Set("./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".utf8)
    guard bytes[7...].allSatisfy(alphabet.contains) else { return "this hash holds a letter that bcrypt does not use" }
    return nil
  }

  /// The cost: the time of a check doubles with each step. `nil` for a text that is no hash.
  package static func cost(_ text: String) -> Int? {
    let digits = text.dropFirst(4).prefix(2)
    guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let cost = Int(digits), (4...31).contains(cost) else { return nil }
    return cost
  }
}
