package import PortModel

/// Parsers of what the kernel's symbolic links below `/proc/PID` say.
package enum LinkFormats {
  /// The socket of `/proc/PID/fd/N`: `socket:[12345]`; `nil` when the descriptor is something else, such as a file.
  ///
  /// Kernel: `sockfs_dname` in `net/socket.c`. Manual page: `proc_pid_fd(5)`.
  package static func socketInode(_ bytes: borrowing Span<UInt8>) -> UInt64? { number(bytes, "socket:[") }

  /// The namespace of `/proc/PID/ns/net`: `net:[4026531840]`; `nil` when it is another kind of link.
  ///
  /// Kernel: `ns_get_name` in `fs/nsfs.c`. Manual page: `proc_pid_ns(5)`.
  package static func networkNamespace(_ bytes: borrowing Span<UInt8>) -> NetworkNamespaceID? {
    number(bytes, "net:[").map(NetworkNamespaceID.init(rawValue:))
  }

  private static func number(_ bytes: borrowing Span<UInt8>, _ prefix: StaticString) -> UInt64? {
    guard bytes.hasPrefix(prefix, at: 0) else { return nil }
    var index = prefix.utf8CodeUnitCount
    guard let value = bytes.decimal(&index), index == bytes.count - 1, bytes[index] == UInt8(ascii: "]") else { return nil }
    return value
  }
}
