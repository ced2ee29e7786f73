package import Kernel
internal import KernelFormats
package import PortModel

/// Reads the pool's settings. Other collectors need them, so that they are read for every snapshot, and this collector decides whether they are shown.
final class SettingsCollector: Collector {
  static let name = CollectorName.settings
  static let isDefault = true
  static let help = "The pool's settings: range, reserved ports, TIME_WAIT reuse"
  static let reach = CollectorReach.ownNamespace

  init(_ configuration: ScraperConfiguration) {}

  func collect(_ look: inout NamespaceLook) throws(ReadError) -> CollectorReport {
    look.view.settings = try NamespaceSettings(reading: look.view.proc)
    return CollectorReport()
  }
}

/// What must be known of a namespace before its sockets mean anything.
package struct NamespaceSettings: Sendable, Hashable {
  package let pool: PoolSettings
  /// The namespace's own addresses; loopback ones need no list.
  package let localAddresses: Set<IPAddress>

  package init(pool: PoolSettings, localAddresses: Set<IPAddress> = []) {
    self.pool = pool
    self.localAddresses = localAddresses
  }

  /// Reads the settings of the calling thread's namespace and the addresses of `proc`'s.
  package init(reading proc: ProcFileSystem) throws(ReadError) {
    self.init(pool: try PoolSettings(reading: proc), localAddresses: try Self.addresses(proc))
  }

  /// The addresses of the namespace that `proc` shows, which may be another process's; nothing else of it can be read from outside.
  package static func addresses(_ proc: ProcFileSystem) throws(ReadError) -> Set<IPAddress> {
    let trie = try FileReader.valueIfPresent(of: proc.net("fib_trie"), limit: 64 << 20) { bytes throws(FormatError) in
      try LocalAddressFormats.routesIPv4(bytes)
    }
    let interfaces = try FileReader.valueIfPresent(of: proc.net("if_inet6"), limit: 16 << 20) { bytes throws(FormatError) in
      try LocalAddressFormats.interfacesIPv6(bytes)
    }
    return (trie ?? []).union(interfaces ?? [])
  }
}
