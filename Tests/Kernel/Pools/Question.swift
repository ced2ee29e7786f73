import PortModel
import Scraper
import TestSupport

/// Something of which a pool has a limited number, and which the kernel can be asked for until it refuses.
enum Question: Sendable {
  /// `connect` from `source` to `destination`.
  case connect(from: String, to: SocketAddress, choice: TestSupport.SourceChoice = .atConnect)
  /// TCP `bind` to port 0 of an address; `::` dual-stack.
  case bind(String)
  /// UDP `bind` to port 0 of a wildcard; `::` dual-stack.
  case bindUDP(String)
  /// `connect` of an unbound UDP socket, which takes a port as sending does.
  case send(to: SocketAddress)

  /// What `pools` say is left.
  func predicted(_ pools: NamespaceSnapshot) -> Int? {
    switch self {
    case .connect(let source, let destination, _):
      guard let connect = pools.tcp?.pressure?.connect else { return nil }
      let tuple = connect.tuples.first {
        $0.tuple.source == IPAddress(source) && $0.tuple.destination == IPAddress(destination.host)
          && $0.tuple.destinationPort == destination.port
      }
      return tuple?.headroom ?? connect.capacity
    case .bind(let host):
      guard let bind = pools.tcp?.pressure?.bind, let address = IPAddress(host) else { return nil }
      if address.isWildcard { return address.isIPv4 ? bind.wildcard : bind.wildcardIPv6 }
      return bind.addresses.first { $0.address == address }?.headroom ?? (address.isIPv4 ? bind.other : bind.otherIPv6)
    case .bindUDP(let host): return host == "::" ? pools.udp?.pressure?.headroomIPv6 : pools.udp?.pressure?.headroom
    case .send(let destination): return destination.isIPv6 ? pools.udp?.pressure?.headroomIPv6 : pools.udp?.pressure?.headroom
    }
  }

  /// What the kernel gives before it refuses, and how it refuses.
  func observed() -> Refusal {
    switch self {
    case .connect(_, let destination, let choice):
      // A full queue of the listener does not matter: a port is taken all the same.
      Refusal.after { () throws(SystemCallFailure) in try .client(to: destination, source: choice, waiting: false) }
    case .bind(let host): Refusal.ofBinds(to: host, isIPv6Only: host == "::" ? false : nil)
    case .bindUDP(let host): Refusal.ofBinds(.udp, to: host, isIPv6Only: host == "::" ? false : nil)
    case .send(let destination): Refusal.ofSenders(to: destination)
    }
  }

  /// Who reads what the question is about.
  var collector: CollectorName {
    switch self {
    case .connect, .bind: .tcp
    case .bindUDP, .send: .udp
    }
  }

  /// `EADDRNOTAVAIL`, `EADDRINUSE` or `EAGAIN`: each pool has its own error.
  var refusal: String {
    switch self {
    case .connect: "EADDRNOTAVAIL"
    case .bind, .bindUDP: "EADDRINUSE"
    case .send: "EAGAIN"
    }
  }
}

extension Question: CustomStringConvertible {
  var description: String {
    switch self {
    case .connect(let source, let destination, _): "connect \(source) to \(destination)"
    case .bind(let host): "bind \(host)"
    case .bindUDP(let host): "bind UDP \(host)"
    case .send(let destination): "send to \(destination)"
    }
  }
}
