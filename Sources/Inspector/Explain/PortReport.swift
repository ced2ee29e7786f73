package import KernelFormats
package import PortModel

/// All that can be said about one port of one namespace.
package struct PortReport: Sendable, Hashable {
  package let port: Port
  /// The transports that were asked about.
  package let transports: [TransportProtocol]
  package let namespace: NamespaceName
  /// By transport, as the services database has them; `nil` where none is installed.
  package let services: [TransportProtocol: ServiceName]?
  /// `nil` when they could not be read; ``notes`` says why.
  package let settings: PoolSettings?
  /// Listeners first.
  package let sockets: [HeldSocket]
  /// Connections of others that this host translates to the port.
  package let translated: TranslatedPort
  /// Other namespaces that have sockets with this port.
  package let elsewhere: [NamespaceUse]
  /// Ranges for services that the port lies in.
  package let ranges: [NamedRange]
  /// What could not be looked at, a sentence each.
  package let notes: [String]

  package init(
    port: Port, transports: [TransportProtocol], namespace: NamespaceName, services: [TransportProtocol: ServiceName]?,
    settings: PoolSettings?, sockets: [HeldSocket], translated: TranslatedPort = TranslatedPort(), elsewhere: [NamespaceUse] = [],
    ranges: [NamedRange] = [], notes: [String] = []
  ) {
    self.port = port
    self.transports = transports
    self.namespace = namespace
    self.services = services
    self.settings = settings
    self.sockets = sockets.sorted()
    self.translated = translated
    self.elsewhere = elsewhere
    self.ranges = ranges.filter { $0.ports.contains(port) }
    self.notes = notes
  }

  /// This report with what was found elsewhere.
  func adding(_ elsewhere: [NamespaceUse], notes: [String]) -> PortReport {
    PortReport(
      port: port, transports: transports, namespace: namespace, services: services, settings: settings, sockets: sockets,
      translated: translated, elsewhere: self.elsewhere + elsewhere, ranges: ranges, notes: self.notes + notes)
  }

  /// What the kernel does with the number in this namespace.
  package enum Handout: String, Sendable, Hashable {
    /// It may give it to any outgoing connection or automatic bind.
    case handedOut = "handed_out"
    /// In the range, and kept for those that ask for it by number.
    case reserved
    /// Not in the range.
    case outside
    case unknown
  }

  package var handout: Handout {
    guard let settings else { return .unknown }
    if !settings.range.contains(port) { return .outside }
    return settings.reserved.contains(port) ? .reserved : .handedOut
  }

  package func sockets(_ transport: TransportProtocol) -> [HeldSocket] { sockets.filter { $0.record.transport == transport } }
}

/// Sockets with the port in a namespace that was not asked about.
package struct NamespaceUse: Sendable, Hashable {
  package let namespace: NamespaceName
  /// A process that is in there: what `--netns` takes when the namespace has no name. `nil` where only a name keeps the namespace.
  package let process: ProcessDescription?
  package let listeners: Int
  package let others: Int

  package init(namespace: NamespaceName, process: ProcessDescription?, listeners: Int, others: Int) {
    self.namespace = namespace
    self.process = process
    self.listeners = listeners
    self.others = others
  }
}
