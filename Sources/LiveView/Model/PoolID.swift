package import PortModel

/// Which of the pools of a namespace. The raw value is what `--batch` prints.
package enum PoolID: String, Sendable, Hashable, CaseIterable {
  case connectIPv4 = "connect/ipv4"
  case connectIPv6 = "connect/ipv6"
  case bindIPv4 = "bind/ipv4"
  case bindIPv6 = "bind/ipv6"
  case udpIPv4 = "udp/ipv4"
  case udpIPv6 = "udp/ipv6"

  /// As the endpoint's page names it.
  var title: String {
    switch self {
    case .connectIPv4: "connect() over IPv4"
    case .connectIPv6: "connect() over IPv6"
    case .bindIPv4: "bind() to 0.0.0.0"
    case .bindIPv6: "bind() to [::]"
    case .udpIPv4: "UDP over IPv4"
    case .udpIPv6: "UDP over IPv6"
    }
  }

  /// At most ten columns.
  var shortTitle: String {
    switch self {
    case .connectIPv4: "connect v4"
    case .connectIPv6: "connect v6"
    case .bindIPv4: "bind v4"
    case .bindIPv6: "bind v6"
    case .udpIPv4: "UDP v4"
    case .udpIPv6: "UDP v6"
    }
  }

  /// What a program gets when the pool has run out.
  var error: String {
    switch self {
    case .connectIPv4, .connectIPv6: "EADDRNOTAVAIL"
    case .bindIPv4, .bindIPv6: "EADDRINUSE"
    case .udpIPv4, .udpIPv6: "EAGAIN"
    }
  }

  package var transport: TransportProtocol {
    switch self {
    case .connectIPv4, .connectIPv6, .bindIPv4, .bindIPv6: .tcp
    case .udpIPv4, .udpIPv6: .udp
    }
  }
}
