internal import CLinux
internal import Glibc
package import PortModel

/// An opened namespace: `/proc/PID/ns/net`, `/proc/PID/ns/uts`, or a name below `/run/netns`. Open, it keeps its namespace alive: hold it briefly.
package struct NamespaceFile: ~Copyable {
  let descriptor: FileDescriptor
  let path: String
  /// The inode that names the namespace.
  package let id: NetworkNamespaceID

  /// Opens the file. One that is no namespace, such as a name whose mount is gone, is `EINVAL`.
  ///
  /// The corresponding C functions are `open`, `fstatfs` and `fstat`. Manual page: `namespaces(7)`.
  package init(_ path: String) throws(SystemCallError) {
    let descriptor = try FileDescriptor(reading: path)
    guard portpool_is_namespace(descriptor.rawValue) != 0 else {
      throw SystemCallError(call: "fstatfs", subject: path, code: EINVAL)
    }
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
