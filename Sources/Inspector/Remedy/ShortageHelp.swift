package import PortModel

/// What helps a namespace whose pools run short, told from a snapshot alone: findings of the doctor, and who can be asked about the holders.
package struct ShortageHelp: Sendable, Hashable {
  /// What is wrong, a sentence each, the worst first.
  package let titles: [String]
  /// What to do, a sentence each, each once.
  package let remedies: [String]
  /// Commands that change settings at once, each once.
  package let commands: [String]
  /// The command that names the programs behind the shortage: `sudo portpool explain 10.0.0.9:5432 --netns blue`; `nil` where nothing is short.
  package let holdersCommand: String?

  package init(_ namespace: NamespaceSnapshot) {
    let name = NamespaceName(namespace)
    let listeners = (namespace.tcp?.pressure?.listeners.ports ?? []).map { Evidence.Listener(.tcp, $0, holder: "") }
    let findings = Evidence(namespace: namespace, listeners: listeners).pressureFindings
    titles = findings.map(\.title)
    remedies = findings.flatMap(\.remedy).firstOccurrences
    commands = findings.flatMap(\.settings).firstOccurrences.map { $0.command(in: name) }
    holdersCommand = namespace.shortage.flatMap { Self.holdersCommand($0, name) }
  }

  private static func holdersCommand(_ shortage: Shortage, _ namespace: NamespaceName) -> String? {
    // Translated ports belong to connections of others: no program here holds them.
    guard case .pool(let pool) = shortage, pool.level > .ok else { return nil }
    let tuple = pool.worst.flatMap { $0.isPeerHidden ? nil : $0 }
    let subject = tuple.map { $0.destination.description(port: $0.destinationPort) } ?? PortRange.ephemeralName
    // A name that begins like a flag must be joined to its own.
    let netns = namespace.path == nil ? "" : " --netns\(namespace.name.hasPrefix("-") ? "=" : " ")\(ShellWord.quoted(namespace.name))"
    return "sudo portpool explain \(ShellWord.quoted(subject))\(netns)" + (pool.id.transport == .udp ? " --protocol udp" : "")
  }
}

extension NamespaceName {
  /// The name of a namespace that a snapshot shows. One that has no name below `/run/netns` is entered through a process, whose number the reader
  /// has to fill in for `PID`.
  init(_ namespace: NamespaceSnapshot) {
    guard namespace.visit != nil else {
      self.init(name: namespace.name, id: nil)
      return
    }
    let isNumber = UInt64(namespace.name) != nil
    self.init(
      name: namespace.name, id: namespace.visit?.id, path: isNumber ? "/proc/PID/ns/net" : "/run/netns/\(namespace.name)")
  }
}

extension Array where Element: Hashable {
  /// Every element once, where it stands first.
  fileprivate var firstOccurrences: [Element] {
    var seen: Set<Element> = []
    return filter { seen.insert($0).inserted }
  }
}
