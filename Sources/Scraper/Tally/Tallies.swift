internal import Kernel
internal import PortModel

/// The tables that sockets are counted in, for one namespace after the other. Kept between snapshots.
struct Tallies: ~Copyable, Sendable {
  var tcp = TCPTally()
  var udp = UDPTally()

  /// Counts the TCP sockets that `source` has.
  mutating func readTCP(
    from source: any SocketSource, _ settings: NamespaceSettings?, _ configuration: ScraperConfiguration, until deadline: Deadline
  ) throws(ReadError) -> (TCPPool, FillReport?) {
    tcp.begin(settings, namedRanges: configuration.namedRanges)
    let report = try source.fill(&tcp, until: deadline)
    let pressure = TCPPressure(tcp, tupleLimit: configuration.tupleLimit)
    return (TCPPool(sockets: tcp.counts, seesBoundOnly: report.seesBinds, pressure: pressure), report)
  }

  /// Counts the UDP sockets that `source` has.
  mutating func readUDP(
    from source: any SocketSource, _ settings: NamespaceSettings?, _ configuration: ScraperConfiguration, until deadline: Deadline
  ) throws(ReadError) -> (UDPPool, FillReport?) {
    udp.begin(settings, namedRanges: configuration.namedRanges)
    let report = try source.fill(&udp, until: deadline)
    return (UDPPool(sockets: udp.counts, pressure: UDPPressure(udp, seesExplicitBinds: report.seesBinds)), report)
  }
}
