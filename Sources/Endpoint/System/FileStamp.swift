internal import Glibc

/// What tells that a file is not the one it was: replaced, written, or gone.
struct FileStamp: Sendable, Hashable {
  private let device: UInt64
  private let inode: UInt64
  private let size: Int64
  private let seconds: [Int]
  private let nanoseconds: [Int]

  /// The stamp of what a path leads to; `nil` when there is nothing.
  ///
  /// The corresponding C function is `stat`.
  init?(_ path: String) {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { return nil }
    device = UInt64(status.st_dev)
    inode = UInt64(status.st_ino)
    size = Int64(status.st_size)
    seconds = [status.st_mtim.tv_sec, status.st_ctim.tv_sec]
    nanoseconds = [status.st_mtim.tv_nsec, status.st_ctim.tv_nsec]
  }
}
