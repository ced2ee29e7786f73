internal import Kernel
internal import PortModel

/// Counts TCP sockets and what they leave of the pool.
final class TCPCollector: Collector {
  static let name = CollectorName.tcp
  static let isDefault = true
  static let help = "TCP sockets and the headroom of connect() and bind()"
  static let reach = CollectorReach.walkedNamespaces

  init(_ configuration: ScraperConfiguration) {}

  func collect(_ look: inout NamespaceLook) throws(ReadError) -> CollectorReport {
    let counted = try look.run.sources.countTCP(look.view, until: look.deadline)
    look.found.tcp = counted.value
    return CollectorReport(counted)
  }
}

/// Counts UDP sockets and what they leave of the pool.
final class UDPCollector: Collector {
  static let name = CollectorName.udp
  static let isDefault = true
  static let help = "UDP sockets and the headroom of UDP"
  static let reach = CollectorReach.walkedNamespaces

  init(_ configuration: ScraperConfiguration) {}

  func collect(_ look: inout NamespaceLook) throws(ReadError) -> CollectorReport {
    let counted = try look.run.sources.countUDP(look.view, until: look.deadline)
    look.found.udp = counted.value
    return CollectorReport(counted)
  }
}
