package import PortModel

/// One kernel setting and the value it should have.
package struct SysctlLine: Sendable, Hashable {
  /// `net.ipv4.ip_local_reserved_ports`
  package let name: String
  package let value: String

  package init(_ name: String, _ value: String) {
    self.name = name
    self.value = value
  }

  /// At once, until the next boot: `sysctl -w net.ipv4.tcp_tw_reuse=1`.
  package var command: String {
    "sysctl -w " + ShellWord.quoted("\(name)=\(value)")
  }

  /// ``command`` for a namespace: one that has a path is entered first, for the shell it is pasted into is seldom inside.
  package func command(in namespace: NamespaceName) -> String {
    guard let path = namespace.path, !isHostWide else { return command }
    return "nsenter --net=\(ShellWord.quoted(path)) \(command)"
  }

  /// All namespaces share the setting, and only the first one of the host may write it.
  package var isHostWide: Bool { name == "net.netfilter.nf_conntrack_max" }

  /// For good, in a file below `/etc/sysctl.d`: `net.ipv4.tcp_tw_reuse = 1`.
  package var fileLine: String { "\(name) = \(value)" }

  /// What is reserved already, and `ports`. See ``Reservation`` for lists that are too long to be written.
  package static func reserving(_ ports: [Port], in settings: PoolSettings) -> SysctlLine { reserving(settings.reserving(ports)) }

  package static func reserving(_ reservation: Reservation) -> SysctlLine {
    SysctlLine("net.ipv4.ip_local_reserved_ports", reservation.value)
  }

  package static func range(_ range: PortRange) -> SysctlLine {
    SysctlLine("net.ipv4.ip_local_port_range", "\(range.first) \(range.last)")
  }
}
