internal import PortModel
internal import Scraper

extension Evidence {
  /// Every finding, the worst first, in a fixed order.
  package var findings: [Finding] {
    let all =
      [refusedFinding, blockedFinding, unlistedFinding].compactMap { $0 } + tupleFindings + snatFindings
      + [
        bindFinding, udpFinding, timeWaitFinding, reuseFinding, timeWaitBucketsFinding, conntrackFullFinding, conntrackDroppingFinding,
        earlyBinderFinding, leakFinding,
        listenerFinding, rangeFinding, exporterFinding, narrowFinding, parityFinding, rightsFinding,
      ].compactMap { $0 }
    return Self.worstFirst(all)
  }

  /// Those of ``findings`` that say why a pool runs short, and that a snapshot alone shows.
  var pressureFindings: [Finding] {
    let all =
      [blockedFinding].compactMap { $0 } + tupleFindings + snatFindings
      + [bindFinding, udpFinding, timeWaitFinding, reuseFinding].compactMap { $0 }
    return Self.worstFirst(all)
  }

  private static func worstFirst(_ findings: [Finding]) -> [Finding] {
    let order: [Finding.Severity] = [.critical, .warning, .notice]
    return order.flatMap { severity in findings.filter { $0.severity == severity } }
  }
}

// MARK: Settings that findings have in common: each setting is written as a whole, so every finding must give the same value.

extension Evidence {
  /// Smaller pools than IANA's dynamic range are worth a word.
  static let narrowCapacity = 16_384
  /// What a pool is widened to: above the ports of most servers, with ends of different parity.
  static let wideRange = PortRange(first: 10240, last: 65535) ?? .linuxDefault

  /// A range that leaves at least a tenth more ports than there are, servers reserved; `nil` where no range does, or no more are needed.
  ///
  /// What is full or filling wants a wide range, what is narrow the kernel's default.
  var widerRange: PortRange? {
    guard let now = namespace.capacity else { return nil }
    let candidates: [PortRange] = isFilling ? [Self.wideRange] : now < Self.narrowCapacity ? [.linuxDefault, Self.wideRange] : []
    let helpful = candidates.filter { range in
      let ports = capacity(with: range)
      return ports > now && ports * 10 >= now * 11
    }
    return helpful.first { capacity(with: $0) >= Self.narrowCapacity } ?? helpful.max { capacity(with: $0) < capacity(with: $1) }
  }

  /// ``widerRange``, or where the ends have one parity a port more or less. `nil`: leave it.
  var betterRange: PortRange? {
    if let widerRange { return widerRange }
    guard let range = namespace.settings?.range, range.hasEqualParity else { return nil }
    if range.last < 65535 { return PortRange(first: range.first, last: range.last + 1) }
    return PortRange(first: range.first > 1024 ? range.first - 1 : range.first + 1, last: range.last)
  }

  /// The range's line, and with it the reserved ports that the new range needs.
  var rangeLines: [SysctlLine] {
    guard let range = betterRange, let settings = namespace.settings else { return [] }
    let lines = [SysctlLine.range(range)]
    return reservation.ports == settings.reserved ? lines : [reservedLine] + lines
  }

  var reservedLine: SysctlLine { .reserving(reservation) }

  /// What is reserved, and every server's port that lies in the range, as it is or as it will be.
  var reservation: Reservation { reservation(with: betterRange) }

  /// What the pool would have with `range`.
  func capacity(with range: PortRange) -> Int { PoolSettings(range: range, reserved: reservation(with: range).ports).capacity }

  private func reservation(with range: PortRange?) -> Reservation {
    let settings = namespace.settings ?? PoolSettings(range: .linuxDefault)
    var span = PortSet()
    for range in [settings.range, range].compactMap({ $0 }) { span.insert(range) }
    var ports = PortSet()
    for port in listeners.map(\.port) + [exporterPort] { ports.insert(port) }
    for named in ranges {
      var inside = PortSet()
      inside.insert(named.ports)
      // One that takes half of the pool or more is no range of services in it: the pool has to move.
      if inside.countCommon(with: span) * 2 < span.count { ports.formUnion(inside) }
    }
    ports.formIntersection(span)
    return settings.reserving(ports)
  }

  private var isFilling: Bool {
    levelForAnyTuple > .ok || (refused?.counts.total ?? 0) > 0 || tuplesAreFilling || bindIsFilling || udpIsFilling
  }

  /// What to do about a pool that is too small: the wider range and what it gives, or what helps instead.
  var rangeRemedy: [String] {
    guard let settings = namespace.settings else { return [] }
    if let range = widerRange {
      let ports = "a pool of \(counted(capacity(with: range), "port")) instead of \(grouped(settings.capacity))"
      return ["Widen the range to \(range.first)–\(range.last), with the servers in it reserved: \(ports)."] + reservationRemedy
    }
    var span = PortSet()
    for range in [settings.range, Self.wideRange] { span.insert(range) }
    let reserved = span.countCommon(with: settings.reserved)
    guard reserved * 10 > span.count else { return ["The range is already as wide as is practical."] }
    let ports = span.ranges.map { "\($0.first)–\($0.last)" }.joined(separator: " and ")
    return [
      "Reserve fewer ports: \(grouped(reserved)) of the \(grouped(span.count)) ports \(ports) are reserved, so that no wider range leaves more than there are."
    ]
  }

  /// What a list of reserved ports that is too long costs; empty where it is not.
  var reservationRemedy: [String] {
    let reservation = reservation
    guard !reservation.joining.isEmpty else { return [] }
    var pool = namespace.settings?.pool ?? []
    pool.formIntersection(reservation.joining)
    let isDear = pool.count * 10 > namespace.capacity ?? 0
    return [
      "Port by port the list of reserved ports would have \(grouped(reservation.fullLength)) bytes, and of more than \(grouped(Reservation.longestValue)) bytes sysctl writes only the beginning, without an error. So close ports are joined into ranges, which reserves \(counted(reservation.joining.count, "further port"))."
        + (isDear ? " That is more than a tenth of the pool: better move the servers out of ip_local_port_range." : "")
    ]
  }

  /// Whether the kernel hands `port` out, or would if the range were widened as findings advise.
  static func mayBeHandedOut(_ port: Port, _ settings: PoolSettings) -> Bool {
    !settings.reserved.contains(port) && (settings.range.contains(port) || wideRange.contains(port))
  }

  func isUnreserved(_ port: Port) -> Bool {
    namespace.settings.map { $0.range.contains(port) && !$0.reserved.contains(port) } ?? false
  }
}

extension PortRange {
  /// Both ends even or both odd: the kernel then has one port more of the first parity than of the other, and logs a warning.
  ///
  /// Kernel: `ip_local_port_range: prefer different parity for start/end values.` in `net/ipv4/sysctl_net_ipv4.c`.
  var hasEqualParity: Bool { first & 1 == last & 1 }
}
