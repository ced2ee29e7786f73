internal import Foundation
package import Testing

/// A control group of version 2 that a test made; it is removed with the test.
package final class TestControlGroup: Sendable {
  /// Where the hierarchy of version 2 is mounted: `/sys/fs/cgroup`, or `unified` below it; `nil` if it is not.
  package static let mountPoint = ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"].first {
    FileManager.default.fileExists(atPath: "\($0)/cgroup.procs") && FileManager.default.fileExists(atPath: "\($0)/cgroup.controllers")
  }

  package let path: String

  /// - Parameter name: `portpool-test-1.slice/web.service`
  package init(_ name: String) throws {
    guard let mountPoint = Self.mountPoint else { throw SystemCallFailure("cgroup2", ENOENT) }
    path = "\(mountPoint)/\(name)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  /// Moves a process to the root, so that the group is empty, and removes it.
  package func removeMoving(_ pid: Int32) throws {
    let root = try FileHandle(forWritingTo: URL(filePath: "\(Self.mountPoint ?? "")/cgroup.procs"))
    try root.write(contentsOf: Data("\(pid)\n".utf8))
    guard unsafe rmdir(path) == 0 else { throw SystemCallFailure("rmdir \(path)") }
  }

  deinit {
    // The processes in it end with the test; for the kernel, a moment later.
    for _ in 0..<200 where unsafe rmdir(path) != 0 && errno == EBUSY { usleep(5000) }
    _ = unsafe rmdir(URL(filePath: path).deletingLastPathComponent().path(percentEncoded: false))
  }
}

extension Trait where Self == ConditionTrait {
  /// Skips a test where no control group can be made.
  package static var controlGroups: Self {
    .enabled(
      if: TestControlGroup.mountPoint.map { FileManager.default.isWritableFile(atPath: $0) } ?? false, "needs root: control groups")
  }
}
