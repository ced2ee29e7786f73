package import PortModel

/// The collectors that a program has: flags, `collect[]`, success series, `--help` and docs/flags.md come from this list.
package struct CollectorList: Sendable {
  package let types: [any Collector.Type]

  package init(_ types: [any Collector.Type]) {
    self.types = types
  }

  /// The collectors of this program, in the order in which they are listed.
  package static let standard = CollectorList([
    SettingsCollector.self, TCPCollector.self, UDPCollector.self, NamespacesCollector.self, OwnersCollector.self, ConntrackCollector.self,
    SnatCollector.self, RefusalsCollector.self, PortSearchCollector.self,
  ])

  package var names: [CollectorName] { types.map { $0.name } }

  /// What runs unless it is switched off.
  package var defaults: Set<CollectorName> { Set(types.filter { $0.isDefault }.map { $0.name }) }

  /// What runs with these flags.
  ///
  /// - Parameters:
  ///   - switches: `true` for `--collector.NAME`, `false` for `--no-collector.NAME`, nothing for neither.
  ///   - disablesDefaults: `--collector.disable-defaults`.
  package func enabled(_ switches: [CollectorName: Bool], disablesDefaults: Bool) -> Set<CollectorName> {
    Set(names.filter { switches[$0] ?? (!disablesDefaults && defaults.contains($0)) })
  }

  /// The help of each flag `--collector.NAME`: `Every other network namespace of the host (default: off).`
  package var flags: [(name: CollectorName, help: String)] {
    types.map { (name: $0.name, help: "\($0.help) (default: \($0.isDefault ? "on" : "off")).") }
  }

  /// The list as docs/flags.md shows it.
  ///
  /// ```
  /// | `tcp` | on | TCP sockets and the headroom of connect() and bind() |
  /// ```
  package var markdown: String {
    "| collector | default | reads |\n|---|---|---|\n"
      + types.map { "| `\($0.name.rawValue)` | \($0.isDefault ? "on" : "off") | \($0.help) |\n" }.joined()
  }

  func make(_ configuration: ScraperConfiguration) -> [any Collector] { types.map { $0.init(configuration) } }
}

extension CollectorName {
  /// What runs unless it is switched off.
  package static var defaults: Set<CollectorName> { CollectorList.standard.defaults }
}
