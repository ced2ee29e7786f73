internal import Kernel
internal import KernelFormats
internal import PortModel

/// Asks inet_diag who holds the pool ports of the calling thread's namespace: a walk of its own, filtered in the kernel to pool ports, so that a
/// scrape without owners does nothing for them.
struct OwnerSource {
  let configuration: ScraperConfiguration

  func usage(_ settings: PoolSettings, _ names: inout OwnerNames, until deadline: Deadline) throws(ReadError) -> [OwnerUsage] {
    var tally = OwnerTally(settings)
    var socket: NetlinkSocket
    do { socket = try NetlinkSocket() } catch { throw .systemCall(error) }
    var buffer = [UInt8](repeating: 0, count: InetDiagDump.bufferSize)
    let tables: [(TransportProtocol, InetDiagRequest.Table)] = [(.tcp, .tcp), (.udp, .udp(.ipv4)), (.udp, .udp(.ipv6))]
    for (sequence, (transport, table)) in tables.enumerated() {
      // Ports are counted once however often a socket comes, so a table that changes meanwhile does no harm.
      _ = try InetDiagDump.runHolders(
        InetDiagRequest(table, filter: .ports(settings.range)), on: &socket, buffer: &buffer, sequence: UInt32(sequence + 1),
        until: deadline
      ) { holder in
        tally.observe(holder, transport) { names.name(of: $0, below: configuration.controlGroups) }
      }
    }
    guard tally.isTold || !tally.hasOwned else {
      throw .systemCall(SystemCallError.unsupported("inet_diag does not tell control groups, which takes Linux 5.9"))
    }
    return tally.usage(top: configuration.topOwners)
  }
}
