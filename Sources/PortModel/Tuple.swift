/// What `connect()` looks a free port up for: a port may be used once for each tuple.
///
/// Kernel: `__inet_hash_connect` in `net/ipv4/inet_hashtables.c`.
package struct Tuple: Sendable, Hashable {
  package let source: IPAddress
  package let destination: IPAddress
  package let destinationPort: Port
  /// The device that the tuple's sockets are bound to, by name or, where that is not known, by number; `nil` for none. Link-local addresses always
  /// have one.
  package let zone: String?

  package init(source: IPAddress, destination: IPAddress, destinationPort: Port, zone: String? = nil) {
    self.source = source
    self.destination = destination
    self.destinationPort = destinationPort
    self.zone = zone
  }

  /// The source with its device, as `ss` writes it: `10.0.0.5`, `fe80::2%eth0`, `127.0.0.1%lo`.
  package var sourceText: String { zone.map { "\(source)%\($0)" } ?? "\(source)" }

  /// The destination with its port: `10.0.0.9:5432`, `[fe80::1]:8080`, or that it is not to be shown.
  package var destinationText: String { isPeerHidden ? Self.hiddenPeer : destination.description(port: destinationPort) }

  /// `10.0.0.5 → 10.0.0.9:5432`, `fe80::2%eth0 → [fe80::1]:8080`
  package var arrow: String { "\(sourceText) → \(destinationText)" }

  /// What stands in place of a destination that is not to be shown.
  package static let hiddenPeer = "(hidden peer)"

  /// Whether the destination was taken out by ``withoutPeer``. No connection goes to the unspecified address and port 0.
  package var isPeerHidden: Bool { destination.isWildcard && destinationPort == 0 }

  /// The tuple with the unspecified address of its family, and port 0, as its destination.
  package var withoutPeer: Tuple { Tuple(source: source, destination: destination.unspecified, destinationPort: 0, zone: zone) }

  /// The tuple as sources see it that do not tell devices.
  package var withoutZone: Tuple { Tuple(source: source, destination: destination, destinationPort: destinationPort) }

  /// Whether `text` can be shown as a zone: 1 to 15 visible ASCII characters. The kernel allows others in the name of a device.
  package static func isZone(_ text: some StringProtocol) -> Bool {
    1...15 ~= text.utf8.count && text.utf8.allSatisfy { 0x21...0x7E ~= $0 }
  }
}

extension Tuple {
  /// Reads ``sourceText``; `nil` for any other text.
  package init?(source text: some StringProtocol, destination: IPAddress, destinationPort: Port) {
    let parts = text.split(separator: "%" as Character, maxSplits: 1, omittingEmptySubsequences: false)
    guard let first = parts.first, let source = IPAddress(first), parts.count == 1 || Self.isZone(parts[1]) else { return nil }
    self.init(source: source, destination: destination, destinationPort: destinationPort, zone: parts.count == 1 ? nil : String(parts[1]))
  }
}
