internal import Glibc

/// The variables that the service manager sets.
enum Environment {
  /// The value of a variable.
  ///
  /// The corresponding C function is `getenv`.
  static func value(_ name: String) -> String? {
    unsafe getenv(name).map { unsafe String(cString: $0) }
  }
}
