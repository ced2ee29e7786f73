package import KernelFormats

/// Why something could not be read from the kernel.
package enum ReadError: Error, Sendable, Hashable {
  /// The kernel refused a call.
  case systemCall(SystemCallError)
  /// The kernel answered with something that is not of the documented form.
  case format(FormatError)
}

extension ReadError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .systemCall(let error): error.description
    case .format(let error): error.description
    }
  }
}
