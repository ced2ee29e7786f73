internal import Glibc

/// A system call that a test made and the kernel refused, such as `connect 127.0.0.1:8080: EADDRNOTAVAIL`.
package struct SystemCallFailure: Error, Sendable, Hashable, CustomStringConvertible {
  /// The call, with what it was about: `connect 127.0.0.1:8080`.
  package let call: String
  /// The value of `errno`.
  package let number: Int32

  package init(_ call: String, _ number: Int32 = errno) {
    self.call = call
    self.number = number
  }

  package var description: String { "\(call): \(Self.name(number))" }

  /// `EADDRNOTAVAIL` for 99; `errno 7` for one without a name here.
  package static func name(_ number: Int32) -> String {
    switch number {
    case EADDRNOTAVAIL: "EADDRNOTAVAIL"
    case EADDRINUSE: "EADDRINUSE"
    case EAGAIN: "EAGAIN"
    case ECONNREFUSED: "ECONNREFUSED"
    case EPERM: "EPERM"
    case EACCES: "EACCES"
    case ENOENT: "ENOENT"
    default: "errno \(number)"
    }
  }
}
