internal import PortModel
internal import Scraper

extension Evidence {
  /// Every finding, the worst first, in a fixed order.
  package var findings: [Finding] {
    let all =
      tupleFindings
      + [
        udpFinding, timeWaitFinding, timeWaitBucketsFinding, conntrackFullFinding, conntrackDroppingFinding, earlyBinderFinding,
        leakFinding,
        listenerFinding, exporterFinding, narrowFinding, parityFinding, rightsFinding,
      ].compactMap { $0 }
    let order: [Finding.Severity] = [.critical, .warning, .notice]
    return order.flatMap { severity in all.filter { $0.severity == severity } }
  }
}

// MARK: Settings that findings have in common: each setting is written as a whole, so every finding must give the same value.

extension Evidence {
  /// Smaller pools than IANA's dynamic range are worth a word.
  static let narrowCapacity = 16_384
  /// What a pool is widened to: above the ports of most servers, with ends of different parity.
  static let wideRange = PortRange(first: 10240, last: 65535) ?? .linuxDefault

  /// What is full or filling wants a wide range, what is narrow the kernel's default, and equal ends a port more or less. `nil`: leave it.
  var betterRange: PortRange? {
    guard let settings = namespace.settings, let capacity = namespace.capacity else { return nil }
    if isFilling { return capacity < Self.wideRange.count * 9 / 10 ? Self.wideRange : nil }
    if capacity < Self.narrowCapacity { return .linuxDefault }
    guard settings.range.hasEqualParity else { return nil }
    let (first, last) = (settings.range.first, settings.range.last)
    if last < 65535 { return PortRange(first: first, last: last + 1) }
    return PortRange(first: first > 1024 ? first - 1 : first + 1, last: last)
  }

  /// The range's line, and with it the reserved ports that the new range needs.
  var rangeLines: [SysctlLine] {
    guard let range = betterRange, let settings = namespace.settings else { return [] }
    let lines = [SysctlLine.range(range)]
    let reserved = reservedLine
    return reserved.value == settings.reserved.ranges.map(\.description).joined(separator: ",") ? lines : [reserved] + lines
  }

  /// What is reserved, and every server's port that lies in the range, as it is or as it will be.
  var reservedLine: SysctlLine {
    let settings = namespace.settings ?? PoolSettings(range: .linuxDefault)
    let ranges = [settings.range, betterRange].compactMap { $0 }
    let ports = (listeners.map(\.port) + [exporterPort]).filter { port in ranges.contains { $0.contains(port) } }
    return SysctlLine.reserving(ports, in: settings)
  }

  private var isFilling: Bool {
    tupleFindingLevels.contains { $0.1 == .exhausted || $0.1 == .filling } || udpIsFilling
  }

  func isUnreserved(_ port: Port) -> Bool {
    namespace.settings.map { $0.range.contains(port) && !$0.reserved.contains(port) } ?? false
  }
}

extension PortRange {
  /// Both ends even or both odd: the kernel then has one port more of the first parity than of the other, and logs that it would rather not.
  ///
  /// Kernel: `ip_local_port_range: prefer different parity for start/end values.` in `net/ipv4/sysctl_net_ipv4.c`.
  var hasEqualParity: Bool { first & 1 == last & 1 }
}
