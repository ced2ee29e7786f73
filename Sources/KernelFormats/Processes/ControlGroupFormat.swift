/// The control group of a process, from `/proc/PID/cgroup`.
///
/// ```
/// 0::/system.slice/nginx.service
/// 4:memory:/docker/4f1a2b3c…
/// ```
/// One line for each hierarchy: its number, the controllers of version 1, and the path. Version 2 is number 0 and has no controllers.
///
/// Kernel: `proc_cgroup_show` in `kernel/cgroup/cgroup.c`. Manual page: `cgroups(7)`.
package struct ControlGroupFormat: Sendable, Hashable {
  /// The path that a service manager or container runtime gave the process: systemd's own hierarchy, else version 2, else the longest path of any
  /// other. `/` when the process is in none.
  package let path: String

  /// - Throws: a line that is not of the documented form.
  package init(_ bytes: borrowing Span<UInt8>) throws(FormatError) {
    var (named, unified, other) = ("", "", "")
    var (start, line) = (0, 1)
    while start < bytes.count {
      let end = bytes.endOfLine(from: start)
      var index = start
      guard bytes.decimal(&index) != nil, index < end, bytes[index] == UInt8(ascii: ":") else {
        throw FormatError(bytes, at: start, lineStart: start, line: line, field: "hierarchy", expected: "a number and a colon")
      }
      let controllers = index + 1
      index = controllers
      while index < end, bytes[index] != UInt8(ascii: ":") { index += 1 }
      guard index < end, index + 1 < end, bytes[index + 1] == UInt8(ascii: "/") else {
        throw FormatError(bytes, at: index, lineStart: start, line: line, field: "path", expected: "a colon and a path")
      }
      let path = bytes.text(index + 1..<end)
      if bytes.hasPrefix("name=systemd:", at: controllers) {
        named = path
      } else if controllers == index {
        unified = path
      } else if path.utf8.count > other.utf8.count {
        other = path
      }
      (start, line) = (end + 1, line + 1)
    }
    // A runtime that uses version 1 alone leaves the others at their root.
    self.path = [named, unified, other].first { $0.utf8.count > 1 } ?? "/"
  }
}
