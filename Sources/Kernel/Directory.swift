internal import Glibc

/// The names in a directory.
package enum Directory {
  /// Every name but `.` and `..`, in no order. The corresponding C function is `readdir`.
  package static func names(in path: String) throws(SystemCallError) -> [String] {
    guard let stream = unsafe opendir(path) else { throw .last("opendir", path) }
    defer { unsafe closedir(stream) }
    var names: [String] = []
    while true {
      errno = 0
      guard let entry = unsafe readdir(stream) else {
        guard errno == 0 else { throw .last("readdir", path) }
        return names
      }
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
        unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
      }
      if name != "." && name != ".." { names.append(name) }
    }
  }
}
