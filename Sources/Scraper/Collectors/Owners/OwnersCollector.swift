internal import Kernel
internal import KernelFormats
internal import PortModel

/// Asks inet_diag who holds the pool ports of the calling thread's namespace: a walk of its own, filtered in the kernel to pool ports, so that a
/// scrape without owners does nothing for them.
final class OwnersCollector: Collector {
  static let name = CollectorName.owners
  static let isDefault = false
  static let help = "Pool ports by the systemd unit, container or pod that holds them"
  static let reach = CollectorReach.walkedNamespaces

  private let configuration: ScraperConfiguration
  private var names = OwnerNames()

  init(_ configuration: ScraperConfiguration) {
    self.configuration = configuration
  }

  func beginSnapshot() { names.beginSnapshot() }

  func collect(_ look: inout NamespaceLook) throws(ReadError) -> CollectorReport {
    guard look.view.isInside else {
      // Of a namespace that may only be seen from outside there is nothing to be had, which is no failure.
      guard look.view.id == nil else { return CollectorReport() }
      throw .systemCall(.unsupported("\(configuration.proc.root) is a copy, and only the running kernel tells whose a socket is"))
    }
    guard let settings = look.view.settings?.pool else {
      guard look.view.id == nil else { return CollectorReport() }
      throw .systemCall(.unsupported("without the pool's settings there are no pool ports"))
    }
    look.found.owners = try usage(settings, until: look.deadline)
    return CollectorReport()
  }

  private func usage(_ settings: PoolSettings, until deadline: Deadline) throws(ReadError) -> [OwnerUsage] {
    var tally = OwnerTally(settings)
    var socket = try ReadError.wrapping(try NetlinkSocket())
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
