internal import Glibc
internal import NIOCore
internal import NIOPosix

/// Binds listening sockets and says in words why one cannot be bound.
enum SocketBinding {
  /// Binds and listens. `:PORT` is one socket for IPv6 and IPv4, and an IPv4 socket on a host without IPv6.
  ///
  /// `makeBootstrap` is called for each attempt: a bootstrap keeps every option it was ever given, and an IPv4 socket refuses those of IPv6.
  static func bind(_ makeBootstrap: () -> ServerBootstrap, to wanted: ListenAddress, log: EndpointLog) async throws -> any Channel {
    let bootstrap = makeBootstrap()
    switch wanted {
    case .anyAddress(let port):
      do {
        return try await bindDual(bootstrap, SocketAddress(ipAddress: "::", port: port))
      } catch let error as IOError where [EAFNOSUPPORT, EADDRNOTAVAIL, EPROTONOSUPPORT].contains(error.errnoCode) {
        log(.info, "IPv6 is not available here, listening on IPv4 only", [("address", wanted.description)])
        return try await makeBootstrap().bind(to: SocketAddress(ipAddress: "0.0.0.0", port: port)).get()
      }
    case .host(let host, let port):
      let address: SocketAddress
      if let literal = try? SocketAddress(ipAddress: host, port: port) {
        address = literal
      } else {
        address = try SocketAddress.makeAddressResolvingHost(host, port: port)
      }
      return host == "::" ? try await bindDual(bootstrap, address) : try await bootstrap.bind(to: address).get()
    case .unixSocket(let path):
      try UnixSocketFile.makeWay(for: path)
      // Not by its path: NIO would remove whatever file is there when it closes the socket.
      return try await bootstrap.withBoundSocket(UnixSocketFile.bind(to: path)).get()
    case .inherited(let descriptor, _):
      return try await bootstrap.withBoundSocket(descriptor).get()
    }
  }

  /// IPV6_V6ONLY off, whatever `net.ipv6.bindv6only` says. ipv6(7)
  private static func bindDual(_ bootstrap: ServerBootstrap, _ address: SocketAddress) async throws -> any Channel {
    try await bootstrap.serverChannelOption(ChannelOptions.Types.SocketOption(level: .ipv6, name: .ipv6_v6only), value: 0).bind(to: address)
      .get()
  }

  /// What the kernel made of the wanted address.
  static func address(of channel: any Channel, wanted: ListenAddress) -> BoundAddress {
    if case .unixSocket(let path) = wanted { return BoundAddress(host: path, port: nil) }
    guard let local = channel.localAddress else { return BoundAddress(host: wanted.description, port: wanted.port) }
    if let path = local.pathname { return BoundAddress(host: path, port: nil) }
    return BoundAddress(host: local.ipAddress ?? "", port: local.port)
  }

  /// The sentence for a failed `bind`: what is wrong and what to do.
  static func explain(_ error: any Error, _ wanted: ListenAddress) -> EndpointError {
    func cannot(_ cause: String, _ remedy: String) -> EndpointError { .cannotListen(address: wanted, cause: cause, remedy: remedy) }
    if let error = error as? EndpointError { return error }
    guard let code = (error as? IOError)?.errnoCode else {
      return cannot("cannot be used (\(error))", "name an address of this host, such as 127.0.0.1, [::1] or nothing for all")
    }
    let port = wanted.port.map(String.init) ?? ""
    switch code {
    case EADDRINUSE where wanted.port == nil:
      return cannot("another program listens on this socket", "stop it, or choose another path")
    case EADDRINUSE:
      return cannot(
        "the port is in use",
        "`portpool explain \(port)` or `ss -ltnp 'sport = :\(port)'` names the program that holds it; stop it or choose another port")
    case EADDRNOTAVAIL:
      return cannot("this host does not have the address", "`ip address` lists those it has")
    case EACCES, EPERM:
      return cannot(
        wanted.port == nil
          ? "the socket may not be created there" : "ports below net.ipv4.ip_unprivileged_port_start need CAP_NET_BIND_SERVICE",
        wanted.port == nil ? "check the rights of the directory" : "choose a higher port, or a systemd socket unit")
    case EAFNOSUPPORT, EPROTONOSUPPORT:
      return cannot(
        "IPv6 is not available here: the kernel or a policy has it off",
        wanted == .host("::", port: wanted.port ?? 0) ? "write :\(port)" : "listen on an IPv4 address, such as 127.0.0.1")
    case ENOENT, ENOTDIR:
      return cannot("the directory does not exist", "create it first; RuntimeDirectory= does so in a systemd unit")
    default:
      return cannot("listening failed with errno \(code)", "\(error)")
    }
  }
}
