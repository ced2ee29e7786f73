internal import Glibc

/// The address of a unix socket for a system call: a path, or a name that begins with `@` in the abstract namespace.
///
/// The corresponding C type is `sockaddr_un`.
struct UnixAddress {
  private var address = sockaddr_un()
  private let length: socklen_t

  /// `nil` when the text is longer than the 107 bytes that fit.
  init?(_ text: String) {
    var bytes = Array(text.utf8)
    guard !bytes.isEmpty, bytes.count < 108 else { return nil }
    if bytes[0] == UInt8(ascii: "@") { bytes[0] = 0 }
    address.sun_family = sa_family_t(AF_UNIX)
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
    // A path ends with its NUL; an abstract name ends where the length says.
    length = socklen_t(MemoryLayout<sa_family_t>.size + bytes.count + (bytes[0] == 0 ? 0 : 1))
  }

  /// Hands the address to a system call.
  @unsafe mutating func withPointer<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
    let length = length
    return unsafe withUnsafePointer(to: &address) {
      unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe body($0, length) }
    }
  }
}
