/// A digest that only the holder of the key can make: HMAC with SHA-256. RFC 2104
package enum HMAC {
  /// The 32 bytes for a message.
  package static func digest(_ message: [UInt8], key: [UInt8]) -> [UInt8] {
    var block = key.count > 64 ? SHA256.digest(key) : key
    block += [UInt8](repeating: 0, count: 64 - block.count)
    let inner = SHA256.digest(block.map { $0 ^ 0x36 } + message)
    return SHA256.digest(block.map { $0 ^ 0x5c } + inner)
  }
}
