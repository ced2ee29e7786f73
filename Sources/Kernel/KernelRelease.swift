internal import Glibc

/// The version of the running kernel.
package struct KernelRelease: Sendable, Hashable, Comparable {
  package let major: Int
  package let minor: Int

  package init(major: Int, minor: Int) {
    self.major = major
    self.minor = minor
  }

  /// Reads `6.18.44-generic`, as far as its second number; `nil` for any other text.
  package init?(_ text: some StringProtocol) {
    let parts = text.split(separator: "." as Character, maxSplits: 2)
    guard parts.count >= 2, let major = Int(parts[0]), let minor = Int(parts[1].prefix { $0.isASCII && $0.isNumber }) else { return nil }
    self.init(major: major, minor: minor)
  }

  /// The corresponding C function is `uname`. `nil` if the kernel does not name its version in the usual way.
  package static let current: KernelRelease? = {
    var name = utsname()
    guard unsafe uname(&name) == 0 else { return nil }
    let text = unsafe withUnsafeBytes(of: &name.release) { unsafe String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    return KernelRelease(text)
  }()

  package static func < (left: KernelRelease, right: KernelRelease) -> Bool { (left.major, left.minor) < (right.major, right.minor) }
}
