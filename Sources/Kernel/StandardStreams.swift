internal import Glibc

/// Where results go.
package enum StandardOutput {
  /// Writes all of `bytes`. The corresponding C function is `write`.
  package static func write(_ bytes: [UInt8]) throws(SystemCallError) {
    try writeAll(bytes, to: STDOUT_FILENO, subject: "standard output")
  }

  /// A person is looking, so that colour and a known width make sense. The corresponding C function is `isatty`.
  package static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }
}

/// Where messages go.
package enum StandardError {
  /// Writes `text`; a message that cannot be written has nowhere else to go.
  package static func write(_ text: String) {
    try? writeAll([UInt8](text.utf8), to: STDERR_FILENO, subject: "standard error")
  }
}

func writeAll(_ bytes: [UInt8], to descriptor: Int32, subject: String) throws(SystemCallError) {
  var written = 0
  while written < bytes.count {
    let count = unsafe bytes.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress.map { unsafe $0 + written }, $0.count - written) }
    if count >= 0 {
      written += count
    } else if errno != EINTR {
      throw .last("write", subject)
    }
  }
}
