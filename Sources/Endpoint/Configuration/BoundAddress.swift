/// A place the server really listens on: what the kernel made of a ``ListenAddress``.
///
/// `[::]:10097`, `127.0.0.1:41873`, `unix:/run/portpool.sock`
package struct BoundAddress: Sendable, Hashable, CustomStringConvertible {
  /// The address, without brackets, or the path of a unix socket.
  package let host: String
  /// The port, also where port 0 was asked for; `nil` for a unix socket.
  package let port: Int?

  /// The text that a person or `curl` can use.
  package var description: String {
    guard let port else { return "unix:\(host)" }
    return host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
  }
}
