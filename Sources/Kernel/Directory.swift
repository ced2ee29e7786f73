internal import Glibc

/// The names in a directory.
package enum Directory {
  /// A directory in a directory.
  package struct Entry: Sendable, Hashable {
    package let name: String
    package let inode: UInt64
  }

  /// Every name but `.` and `..`, in no order. The corresponding C function is `readdir`.
  package static func names(in path: String) throws(SystemCallError) -> [String] {
    var names: [String] = []
    try forEachEntry(in: path) { name, _, _ in names.append(name) }
    return names
  }

  /// The directories but `.` and `..`, in no order. The corresponding C function is `readdir`.
  package static func directories(in path: String) throws(SystemCallError) -> [Entry] {
    var entries: [Entry] = []
    try forEachEntry(in: path) { name, inode, type in
      if Int(type) == DT_DIR { entries.append(Entry(name: name, inode: inode)) }
    }
    return entries
  }

  private static func forEachEntry(
    in path: String, _ body: (_ name: String, _ inode: UInt64, _ type: UInt8) -> Void
  ) throws(SystemCallError) {
    guard let stream = unsafe opendir(path) else { throw .last("opendir", path) }
    defer { unsafe closedir(stream) }
    while true {
      errno = 0
      guard let entry = unsafe readdir(stream) else {
        guard errno == 0 else { throw .last("readdir", path) }
        return
      }
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
        unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
      }
      if name != "." && name != ".." { body(name, unsafe UInt64(entry.pointee.d_ino), unsafe entry.pointee.d_type) }
    }
  }
}
