/// The settings of one network namespace that decide which ports the kernel hands out.
package struct PoolSettings: Sendable, Hashable {
  /// `net.ipv4.ip_local_port_range`, inclusive, for TCP and UDP, IPv4 and IPv6.
  package let range: PortRange
  /// `net.ipv4.ip_local_reserved_ports`; may lie outside the range.
  package let reserved: PortSet
  package let timeWaitReuse: TimeWaitReuse
  /// `net.ipv6.bindv6only`: IPv6 sockets are IPv6-only unless their program says otherwise.
  package let isIPv6OnlyByDefault: Bool
  /// `net.ipv4.ip_local_port_step_width`: how far apart the ports may lie that are tried one after the other; 0 for neighbours, and on kernels without
  /// that setting.
  package let stepWidth: UInt32

  package init(
    range: PortRange, reserved: PortSet = PortSet(), timeWaitReuse: TimeWaitReuse = TimeWaitReuse(mode: .loopbackOnly),
    isIPv6OnlyByDefault: Bool = false, stepWidth: UInt32 = 0
  ) {
    self.range = range
    self.reserved = reserved
    self.timeWaitReuse = timeWaitReuse
    self.isIPv6OnlyByDefault = isIPv6OnlyByDefault
    self.stepWidth = stepWidth
  }

  /// The ports that an automatic choice can return: range minus reserved.
  package var pool: PortSet {
    var pool = PortSet()
    pool.insert(range)
    pool.subtract(reserved)
    return pool
  }

  /// The ports of `range` that an automatic choice can return.
  package func unreserved(in range: PortRange) -> PortSet {
    var ports = PortSet()
    ports.insert(range)
    ports.formIntersection(pool)
    return ports
  }

  /// How many ports ``pool`` has.
  package var capacity: Int { range.count - reservedInRange }

  /// The reserved ports that lie inside the range, as the fewest ranges, lowest first.
  package var reservedRanges: [PortRange] {
    var inside = PortSet()
    inside.insert(range)
    inside.formIntersection(reserved)
    return inside.ranges
  }

  /// How many reserved ports lie inside the range.
  package var reservedInRange: Int {
    var range = PortSet()
    range.insert(self.range)
    return range.countCommon(with: reserved)
  }
}
