internal import CCrypt

/// Compares a password with a bcrypt hash.
enum PasswordCheck {
  /// Takes as long as the cost of the hash says: 58 ms at 10. Never call it on an event loop.
  ///
  /// The corresponding C function is `crypt_r`.
  static func matches(_ password: [UInt8], hash: String) -> Bool {
    // A C string ends at a NUL: what follows it would not be compared. The time is spent all the same.
    let phrase = password.contains(0) ? [] : password
    let result = unsafe (phrase + [0]).withUnsafeBufferPointer { bytes in
      unsafe bytes.withMemoryRebound(to: CChar.self) { text in
        guard let start = text.baseAddress else { return CInt(-1) }
        return unsafe ccrypt_matches(start, hash)
      }
    }
    return result == 1 && !password.contains(0)
  }
}
