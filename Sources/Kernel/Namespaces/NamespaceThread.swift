internal import CLinux
internal import Glibc
internal import PortModel

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
