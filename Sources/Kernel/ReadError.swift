package import KernelFormats

/// Why something could not be read from the kernel.
package enum ReadError: Error, Sendable, Hashable {
  /// The kernel refused a call.
  case systemCall(SystemCallError)
  /// The kernel answered with something that is not of the documented form.
  case format(FormatError)
  /// The scrape had to answer before this was read to its end.
  case deadline(String)
}

extension ReadError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .systemCall(let error): error.description
    case .format(let error): error.description
    case .deadline(let subject): "\(subject): not read to its end before the scrape's deadline"
    }
  }
}
