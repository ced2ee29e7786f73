internal import KernelFormats
internal import PortModel

/// The running count of who holds the pool ports of a namespace. Its memory is bounded by owners, not by sockets: a bitmap of the pool for each.
struct OwnerTally: ~Copyable, Sendable {
  /// More owners than this share one bitmap.
  static let limit = 1024

  /// Whether some socket with an owner came with the number of a group: older kernels send none.
  private(set) var isTold = false
  /// Whether there was a socket with an owner.
  private(set) var hasOwned = false
  private let pool: PortSet
  private let firstPort: Int
  private let words: Int
  private var numbers: [String: Int] = [:]
  private var bitmaps: [PoolBitmap] = []
  private var ownerless: PoolBitmap

  init(_ settings: PoolSettings) {
    pool = settings.pool
    firstPort = Int(settings.range.first)
    words = PoolBitmap.wordCount(for: settings.range)
    // TCP in the first half, UDP in the second.
    ownerless = PoolBitmap(wordCount: 2 * words)
  }

  mutating func observe(_ holder: SocketHolder, _ transport: TransportProtocol, owner: (UInt64) -> String) {
    guard pool.contains(holder.localPort) else { return }
    let offset = Int(holder.localPort) - firstPort + (transport == .tcp ? 0 : words << 6)
    if holder.inode != 0 { hasOwned = true }
    guard holder.controlGroup != 0 else {
      _ = ownerless.insert(offset)
      return
    }
    isTold = true
    let number = number(of: owner(holder.controlGroup))
    _ = bitmaps[number].insert(offset)
  }

  private mutating func number(of owner: String) -> Int {
    if let number = numbers[owner] { return number }
    if numbers.count >= Self.limit, let number = numbers[OwnerUsage.other] { return number }
    let owner = numbers.count == Self.limit - 1 ? OwnerUsage.other : owner
    numbers[owner] = bitmaps.count
    bitmaps.append(PoolBitmap(wordCount: 2 * words))
    return bitmaps.count - 1
  }

  /// The owners that hold the most ports, at most `top`, then ``OwnerUsage/other`` and ``OwnerUsage/none``.
  func usage(top: Int) -> [OwnerUsage] {
    let all = numbers.map { (owner: $0.key, number: $0.value, count: bitmaps[$0.value].count) }
      .sorted { ($1.count, $0.owner) < ($0.count, $1.owner) }
    let named = all.filter { $0.owner != OwnerUsage.other }
    var rest = PoolBitmap(wordCount: 2 * words)
    for entry in named.dropFirst(top) { rest.formUnion(bitmaps[entry.number]) }
    if let number = numbers[OwnerUsage.other] { rest.formUnion(bitmaps[number]) }
    var none = ownerless
    for bitmap in bitmaps { none.subtract(bitmap) }
    return named.prefix(top).map { OwnerUsage(owner: $0.owner, usedPorts: $0.count) } + [
      OwnerUsage(owner: OwnerUsage.other, usedPorts: rest.count), OwnerUsage(owner: OwnerUsage.none, usedPorts: none.count),
    ]
  }
}
