internal import Glibc

/// A system call that the kernel refused: `open /proc/net/tcp: No such file or directory (ENOENT)`.
package struct SystemCallError: Error, Sendable, Hashable {
  /// The call, such as `open`.
  package let call: String
  /// What it was about: a path, an address.
  package let subject: String
  /// The error number, as `errno` had it.
  package let code: Int32

  package init(call: String, subject: String, code: Int32) {
    self.call = call
    self.subject = subject
    self.code = code
  }

  /// The error that `errno` holds now.
  package static func last(_ call: String, _ subject: String) -> SystemCallError {
    SystemCallError(call: call, subject: subject, code: errno)
  }

  package var isNoSuchFile: Bool { code == ENOENT || code == ENOTDIR }
  package var isPermissionDenied: Bool { code == EACCES || code == EPERM }
  /// This kernel does not have the call.
  package var isUnsupported: Bool { code == ENOSYS }
  package var isNoSuchProcess: Bool { code == ESRCH }
  package var isBadDescriptor: Bool { code == EBADF }
  /// No local port could be given, or no local address of that kind exists.
  package var isAddressNotAvailable: Bool { code == EADDRNOTAVAIL }
  package var isConnectionRefused: Bool { code == ECONNREFUSED }
}

extension SystemCallError: CustomStringConvertible {
  package var description: String {
    "\(subject.isEmpty ? "" : "\(subject): ")\(call): \(message)"
  }

  /// The system's words for the number: `No such file or directory`. The corresponding C function is `strerror_r`.
  package var message: String {
    var buffer = [CChar](repeating: 0, count: 256)
    _ = unsafe strerror_r(code, &buffer, buffer.count)
    return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(truncatingIfNeeded: $0) }, as: UTF8.self)
  }
}

extension SystemCallError {
  /// A file that has to be there and is not.
  package static func noSuchFile(_ path: String) -> SystemCallError {
    SystemCallError(call: "open", subject: path, code: ENOENT)
  }

  /// Something that this kernel cannot do: `ENOSYS`.
  package static func unsupported(_ what: String) -> SystemCallError {
    SystemCallError(call: "dump", subject: what, code: ENOSYS)
  }

  static func tooLarge(_ path: String) -> SystemCallError {
    SystemCallError(call: "read", subject: path, code: EFBIG)
  }
}
