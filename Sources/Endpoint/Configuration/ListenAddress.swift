/// One place the server listens on, as written in `--web.listen-address`.
///
/// ```
/// :10097               every address of the host, IPv4 and IPv6
/// 127.0.0.1:10097      one IPv4 address
/// [::1]:10097          one IPv6 address
/// localhost:10097      every address the name has
/// unix:/run/portpool.sock
/// ```
package enum ListenAddress: Sendable, Hashable {
  /// Every address of the host: one dual-stack socket, or an IPv4 one where IPv6 is off.
  case anyAddress(port: Int)
  /// A literal address or a host name, without brackets.
  case host(String, port: Int)
  /// A stream socket in the file system.
  case unixSocket(path: String)
  /// A listening socket that was handed to the process, by systemd for instance. `sd_listen_fds(3)`
  case inherited(descriptor: Int32, name: String)

  /// Reads the text of the flag.
  /// - Throws: ``EndpointError/invalidListenAddress(text:problem:)``
  package init(_ text: String) throws(EndpointError) {
    func invalid(_ problem: String) -> EndpointError { .invalidListenAddress(text: text, problem: problem) }
    if text.hasPrefix("unix:") {
      let path = String(text.dropFirst("unix:".count))
      guard path.hasPrefix("/") else { throw invalid("the path of a unix socket must be absolute") }
      // sockaddr_un.sun_path holds 108 bytes, the closing NUL included. unix(7)
      guard path.utf8.count < 108 else { throw invalid("the path of a unix socket may have at most 107 bytes") }
      self = .unixSocket(path: path)
      return
    }
    guard let colon = text.lastIndex(of: ":") else { throw invalid("it has no port") }
    let digits = text[text.index(after: colon)...]
    guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = Int(digits), port <= 65535 else {
      throw invalid("\"\(digits)\" is not a port from 0 to 65535")
    }
    let host = text[..<colon]
    if host.isEmpty {
      self = .anyAddress(port: port)
    } else if host.hasPrefix("["), host.hasSuffix("]"), host.count > 2 {
      self = .host(String(host.dropFirst().dropLast()), port: port)
    } else if host.contains(":") || host.contains("[") || host.contains("]") {
      throw invalid("an IPv6 address must be in brackets")
    } else {
      self = .host(String(host), port: port)
    }
  }

  /// The port, where there is one.
  package var port: Int? {
    switch self {
    case .anyAddress(let port), .host(_, let port): port
    case .unixSocket, .inherited: nil
    }
  }
}

extension ListenAddress: CustomStringConvertible {
  /// The text of the flag.
  package var description: String {
    switch self {
    case .anyAddress(let port): ":\(port)"
    case .host(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    case .unixSocket(let path): "unix:\(path)"
    case .inherited(let descriptor, let name): "inherited descriptor \(descriptor) (\(name))"
    }
  }
}

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
