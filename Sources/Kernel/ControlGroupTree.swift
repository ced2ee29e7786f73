internal import CLinux
internal import Glibc

/// The control groups of the hierarchy of version 2, which the kernel names sockets by, also on hosts whose controllers are in version 1.
package enum ControlGroupTree {
  /// Where the hierarchy is mounted: `directory` itself, or `unified` below it on hosts that have both versions; `nil` when neither is.
  ///
  /// The corresponding C function is `statfs`. Manual page: `cgroups(7)`.
  package static func mountPoint(below directory: String) -> String? {
    [directory, "\(directory)/unified"].first { unsafe portpool_is_cgroup2($0) != 0 }
  }

  /// The path of every group by its number, `1` for `/`: the inode of its directory.
  ///
  /// - Parameter limit: at most this many are looked at.
  /// - Complexity: a `readdir` for each group.
  package static func paths(below mountPoint: String, limit: Int = 100_000) throws(SystemCallError) -> [UInt64: String] {
    var status = stat()
    guard unsafe stat(mountPoint, &status) == 0 else { throw .last("stat", mountPoint) }
    var paths: [UInt64: String] = [UInt64(status.st_ino): "/"]
    var pending = [""]
    while let path = pending.popLast(), paths.count < limit {
      let children: [Directory.Entry]
      do { children = try Directory.directories(in: mountPoint + path) } catch {
        // A group may be removed at any time, and one of another user's may be closed.
        if path.isEmpty { throw error }
        continue
      }
      for child in children {
        let childPath = "\(path)/\(child.name)"
        paths[child.inode] = childPath
        pending.append(childPath)
      }
    }
    return paths
  }
}
