internal import CLinux
internal import Glibc
package import PortModel

/// An opened namespace: `/proc/PID/ns/net`, `/proc/PID/ns/uts`, or a name below `/run/netns`. Open, it keeps its namespace alive: hold it briefly.
package struct NamespaceFile: ~Copyable {
  let descriptor: FileDescriptor
  let path: String
  /// The inode that names the namespace.
  package let id: NetworkNamespaceID

  /// Opens the file. One that is not a namespace, such as a name whose mount is gone, is `EINVAL`.
  ///
  /// A name below `--path.netns` may belong to another user and lead anywhere: to a FIFO, whose opening would wait, or to a device, which does
  /// something when it is opened. So the file is found first, which touches nothing, and opened only if it is a namespace.
  ///
  /// The corresponding C functions are `open`, first with `O_PATH`, `fstatfs` and `fstat`. Manual page: `namespaces(7)`.
  package init(_ path: String) throws(SystemCallError) {
    let found = try FileDescriptor(opening: path, portpool_open_path)
    guard portpool_is_namespace(found.rawValue) != 0 else {
      throw SystemCallError(call: "fstatfs", subject: path, code: EINVAL)
    }
    let descriptor = try FileDescriptor(opening: "/proc/self/fd/\(found.rawValue)", O_RDONLY)
    var status = stat()
    guard unsafe fstat(descriptor.rawValue, &status) == 0 else { throw .last("fstat", path) }
    id = NetworkNamespaceID(rawValue: UInt64(status.st_ino))
    self.path = path
    self.descriptor = descriptor
  }

  /// The namespace behind `path`.
  package static func id(of path: String) throws(SystemCallError) -> NetworkNamespaceID {
    let file = try NamespaceFile(path)
    return file.id
  }
}

/// A POSIX thread that may move into other namespaces, and that ends when its work is done: a namespace sticks to a thread, and must never
/// stick to one that others use.
///
/// The value is the right to move: it exists only on such a thread.
package struct NamespaceThread: ~Copyable {
  private init() {}

  /// Runs `body` on a new thread and waits for its end. The corresponding C functions are `pthread_create` and `pthread_join`.
  ///
  /// - Throws: when there is no thread to be had (`EAGAIN`).
  package static func run<Value>(_ body: (consuming NamespaceThread) -> Value) throws(SystemCallError) -> Value {
    var value: Value?
    let code = withoutActuallyEscaping({ value = body(NamespaceThread()) }) { work in start(work) }
    guard let value else { throw SystemCallError(call: "pthread_create", subject: "namespaces", code: code) }
    return value
  }

  /// Moves this thread into a network namespace. The corresponding C function is `setns`.
  ///
  /// - Throws: `EPERM` without CAP_SYS_ADMIN.
  package func enterNetwork(_ file: borrowing NamespaceFile) throws(SystemCallError) {
    guard portpool_enter_network_namespace(file.descriptor.rawValue) == 0 else { throw .last("setns", file.path) }
  }

  /// Moves this thread into a network namespace of its own, in which `lo` is up. It goes when the thread ends. The corresponding C function is `unshare`.
  ///
  /// - Throws: `EPERM` without CAP_SYS_ADMIN.
  package func makeNetwork() throws(SystemCallError) {
    guard portpool_make_network_namespace() == 0 else { throw .last("unshare", "network namespace") }
  }

  /// Moves this thread into a UTS namespace, so that ``HostName/current`` is that one's. The corresponding C function is `setns`.
  package func enterUTS(_ file: borrowing NamespaceFile) throws(SystemCallError) {
    guard portpool_enter_uts_namespace(file.descriptor.rawValue) == 0 else { throw .last("setns", file.path) }
  }

  /// The error number of `pthread_create`, or 0 when `work` has run.
  private static func start(_ work: @escaping () -> Void) -> Int32 {
    var work = work
    return unsafe withUnsafeMutablePointer(to: &work) { pointer in
      var thread = pthread_t()
      let code = unsafe pthread_create(
        &thread, nil,
        { argument in
          if let work = unsafe argument?.assumingMemoryBound(to: (() -> Void).self) { unsafe work.pointee() }
          return nil
        }, pointer)
      if code == 0 { pthread_join(thread, nil) }
      return code
    }
  }
}
