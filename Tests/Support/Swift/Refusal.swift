internal import Glibc

/// How often something went well until the kernel refused, and with what.
package struct Refusal: Sendable, Hashable, CustomStringConvertible {
  package let count: Int
  /// `errno` of the refusal; 0 when the limit came first.
  package let number: Int32

  package init(count: Int, number: Int32) {
    self.count = count
    self.number = number
  }

  package var description: String { "\(count), then \(number == 0 ? "none" : SystemCallFailure.name(number))" }

  /// Makes sockets and holds them until one is refused or `limit` are there; all are closed at the end.
  package static func after(limit: Int = 1000, _ make: () throws(SystemCallFailure) -> TestSocket) -> Refusal {
    var held: [TestSocket] = []
    while held.count < limit {
      do throws(SystemCallFailure) {
        held.append(try make())
      } catch {
        return Refusal(count: held.count, number: error.number)
      }
    }
    return Refusal(count: held.count, number: 0)
  }

  /// Connects left for a destination before EADDRNOTAVAIL.
  package static func ofConnects(to destination: SocketAddress, source: SourceChoice = .atConnect, limit: Int = 1000) -> Refusal {
    after(limit: limit) { () throws(SystemCallFailure) in try .client(to: destination, source: source) }
  }

  /// Automatic binds left on an address before EADDRINUSE.
  package static func ofBinds(
    _ transport: TestSocket.Transport = .tcp, to host: String, isIPv6Only: Bool? = nil, limit: Int = 1000
  ) -> Refusal {
    after(limit: limit) { () throws(SystemCallFailure) in
      try .bound(transport, to: SocketAddress(host), isIPv6Only: isIPv6Only)
    }
  }

  /// Unbound UDP senders left before EAGAIN.
  package static func ofSenders(to destination: SocketAddress = SocketAddress("127.0.0.1", 9999), limit: Int = 1000) -> Refusal {
    after(limit: limit) { () throws(SystemCallFailure) in try .client(.udp, to: destination) }
  }
}
