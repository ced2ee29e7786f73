import Foundation
import Kernel
import TestSupport
import Testing

/// A control group of version 2 that a test made; it goes with the test.
final class TestControlGroup: Sendable {
  static let mountPoint = ControlGroupTree.mountPoint(below: "/sys/fs/cgroup")

  let path: String

  /// - Parameter name: `portpool-test-1.slice/web.service`
  init(_ name: String) throws {
    guard let mountPoint = Self.mountPoint else { throw SystemCallFailure("cgroup2", ENOENT) }
    path = "\(mountPoint)/\(name)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  /// Moves a process to the root, so that the group is empty, and removes it.
  func removeMoving(_ pid: Int32) throws {
    let root = try FileHandle(forWritingTo: URL(filePath: "\(Self.mountPoint ?? "")/cgroup.procs"))
    try root.write(contentsOf: Data("\(pid)\n".utf8))
    guard unsafe rmdir(path) == 0 else { throw SystemCallFailure("rmdir \(path)") }
  }

  deinit {
    // The processes in there end with the test, and a moment later for the kernel.
    for _ in 0..<200 where unsafe rmdir(path) != 0 && errno == EBUSY { usleep(5000) }
    _ = unsafe rmdir(URL(filePath: path).deletingLastPathComponent().path(percentEncoded: false))
  }
}

extension Trait where Self == ConditionTrait {
  /// Skips a test where no control group can be made.
  static var controlGroups: Self {
    .enabled(
      if: TestControlGroup.mountPoint.map { FileManager.default.isWritableFile(atPath: $0) } ?? false, "needs root: control groups")
  }
}
