internal import PortModel

/// The addresses that connections are translated to: those that are known beforehand, and those that entries show, with how many entries each has.
///
/// Asked about two addresses an entry, of which most are no such address and few were seen before. One bit of 65,536 answers for nearly all of them.
struct TranslatedSources {
  /// Known from the rules and from earlier looks.
  private var named: Set<IPAddress> = []
  private var ranges: Set<ClosedRange<IPAddress>> = []
  private var networks: [LocalAddresses.Network] = []
  private var counts: [IPAddress: Int] = [:]
  /// The latest addresses, each at the place that its hash says, and what is not in ``counts`` yet.
  private var latest = [(address: IPAddress, count: Int)](repeating: (IPAddress(high: 0, low: 0), 0), count: Self.latestCount)
  /// The hashes of ``named`` and ``counts``, and of the addresses that are neither.
  private var (accepted, refused) = (PortSet(), PortSet())
  /// An address turned out to be one that is translated to, after entries with it may have been passed over.
  private(set) var hasLate = false

  private static let latestCount = 64
  /// The most addresses that are told apart.
  private static let limit = 1 << 16

  /// - Parameters:
  ///   - pools: what the rules translate to; a rule without an address translates to those of the namespace, which are `local`.
  ///   - known: addresses that the table showed before.
  init(pools: [SnatPool] = [], local: LocalAddresses = LocalAddresses(), known: Set<IPAddress> = []) {
    named = known
    for pool in pools where pool.origin != .assumed {
      if let addresses = pool.addresses {
        ranges.insert(addresses)
      } else {
        named.formUnion(local.addresses.filter { !$0.isLoopback && pool.family ?? $0.family == $0.family })
        networks += local.networks.filter { !networks.contains($0) && pool.family ?? $0.address.family == $0.address.family }
      }
    }
    for address in named { accepted.insert(Self.hash(address)) }
  }

  /// The addresses that entries show, and how many entries have each.
  var found: [IPAddress: Int] {
    var found = counts
    for (address, count) in latest where count > 0 {
      if let before = found[address] { found[address] = before + count }
    }
    return found
  }

  /// Counts an entry that is translated to `address`.
  @inline(__always)
  mutating func count(_ address: IPAddress) {
    let hash = Self.hash(address)
    let place = Int(hash) & (Self.latestCount - 1)
    if latest[place].address != address { begin(address, hash, place) }
    latest[place].count += 1
  }

  private mutating func begin(_ address: IPAddress, _ hash: Port, _ place: Int) {
    let (before, count) = latest[place]
    if let sum = counts[before] { counts[before] = sum + count }
    latest[place] = (address, 0)
    guard counts[address] == nil, counts.count < Self.limit else { return }
    counts[address] = 0
    if refused.contains(hash), !isKnown(address) { hasLate = true }
    accepted.insert(hash)
  }

  /// Whether connections can be translated to `address`, as far as that is known by now.
  @inline(__always)
  mutating func contains(_ address: IPAddress) -> Bool {
    let hash = Self.hash(address)
    if accepted.contains(hash), counts[address] != nil || named.contains(address) { return true }
    if isInRange(address) { return true }
    refused.insert(hash)
    return false
  }

  private func isKnown(_ address: IPAddress) -> Bool { named.contains(address) || isInRange(address) }

  @inline(__always)
  private func isInRange(_ address: IPAddress) -> Bool {
    if ranges.isEmpty, networks.isEmpty { return false }
    return ranges.contains { $0.contains(address) } || (!address.isLoopback && networks.contains { $0.contains(address) })
  }

  @inline(__always)
  private static func hash(_ address: IPAddress) -> Port {
    let product = (address.high ^ address.low).multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
    return Port(truncatingIfNeeded: (product.high ^ product.low) >> 16)
  }
}
