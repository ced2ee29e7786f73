/// The addresses that a network namespace takes for its own: single ones, and whole networks routed to it (AnyIP).
///
/// `10.0.0.5`, `2001:db8::5`, and for `ip route add local 192.0.2.0/24 dev lo` the network `192.0.2.0/24`. Loopback addresses are recognised without
/// a list (``IPAddress/isLoopback``).
package struct LocalAddresses: Sendable, Hashable {
  /// Routed to the host as single addresses: one for each address of an interface.
  package private(set) var addresses: Set<IPAddress>
  /// Routed to the host as a whole.
  package private(set) var networks: [Network] = []

  /// A network by its first address and its prefix length, which is that of the family: 0 to 32, or 0 to 128.
  package struct Network: Sendable, Hashable {
    package let address: IPAddress
    package let prefixLength: Int

    package init(address: IPAddress, prefixLength: Int) {
      self.address = address
      self.prefixLength = prefixLength
    }

    package func contains(_ other: IPAddress) -> Bool {
      guard other.family == address.family else { return false }
      let length = address.isIPv4 ? 96 + max(0, min(prefixLength, 32)) : max(0, min(prefixLength, 128))
      let (high, low) = (address.high ^ other.high, address.low ^ other.low)
      // Shifting a word by its width or more gives 0: all bits are outside the prefix.
      return high >> UInt64(64 - min(length, 64)) == 0 && low >> UInt64(128 - max(length, 64)) == 0
    }
  }

  package init(_ addresses: Set<IPAddress> = [], networks: [Network] = []) {
    self.addresses = addresses
    self.networks = networks
  }

  package func contains(_ address: IPAddress) -> Bool {
    addresses.contains(address) || networks.contains { $0.contains(address) }
  }

  package mutating func insert(_ address: IPAddress) { addresses.insert(address) }

  /// A network of one address becomes that address.
  package mutating func insert(_ network: Network) {
    if network.prefixLength >= (network.address.isIPv4 ? 32 : 128) {
      addresses.insert(network.address)
    } else {
      networks.append(network)
    }
  }

  package mutating func formUnion(_ other: LocalAddresses) {
    addresses.formUnion(other.addresses)
    networks += other.networks
  }
}
