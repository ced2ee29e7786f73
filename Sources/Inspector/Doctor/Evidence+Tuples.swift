internal import PortModel
internal import Scraper

extension Evidence {
  enum TupleLevel {
    /// `connect()` fails.
    case exhausted
    /// At most a fifth is left: `PressureLevel.critical`.
    case filling
    /// Nothing is left of the parity that is tried first, so every `connect()` searches.
    case slow
  }

  /// What is left for a tuple that holds no port yet, and so for any: the pool without its blocked ports.
  var levelForAnyTuple: PressureLevel {
    guard let connect = namespace.tcp?.pressure?.connect, let capacity = namespace.capacity else { return .ok }
    return PressureLevel(headroom: connect.capacity, capacity: capacity)
  }

  /// The tuples that are in trouble, least headroom first.
  ///
  /// What is left is judged against the whole pool. Where little of it is left for any tuple, that is a finding of its own, and these are
  /// judged against what a tuple can be given.
  var tupleFindingLevels: [(TupleHeadroom, TupleLevel)] {
    guard let connect = namespace.tcp?.pressure?.connect, connect.capacity > 0, let capacity = namespace.capacity else { return [] }
    let whole = levelForAnyTuple >= .critical ? connect.capacity : capacity
    return connect.tuples.prefix(5).compactMap { tuple in
      switch PressureLevel(headroom: tuple.headroom, capacity: whole) {
      case .exhausted: return (tuple, .exhausted)
      case .critical: return (tuple, .filling)
      case .warning, .ok: return tuple.firstParityFree == 0 && connect.firstParityCapacity > 0 ? (tuple, .slow) : nil
      }
    }
  }

  /// `leaky (pid 812): 16,330 connections`, for the programs with the most.
  private static func lines(_ holders: [ProcessCount], _ noun: String) -> [String] {
    holders.prefix(3).map { "\($0.holder): \(counted($0.count, noun))" }
  }

  /// Whether a destination has at most a fifth of its ports left.
  var tuplesAreFilling: Bool { tupleFindingLevels.contains { $0.1 == .exhausted || $0.1 == .filling } }

  static let moreTuples =
    "Or use another source address, destination address or destination port: each combination of them has the whole pool."

  var blockedFinding: Finding? {
    guard levelForAnyTuple > .ok, let tcp = namespace.tcp?.pressure, let capacity = namespace.capacity else { return nil }
    let uses = [PortUse.listener, .bound].filter { tcp.usage[$0] > 0 }.map { "\($0.name) \(grouped(tcp.usage[$0]))" }
    return Finding(
      "pool-blocked", levelForAnyTuple == .warning ? .warning : .critical,
      tcp.connect.capacity == 0
        ? "No port is left for connect(), whatever the destination: it fails with EADDRNOTAVAIL."
        : "Only \(grouped(tcp.connect.capacity)) of the pool's \(counted(capacity, "port")) are left for connect(), whatever the destination.",
      evidence: capacity == 0
        ? ["every port of ip_local_port_range is reserved"]
        : [
          "\(grouped(tcp.blocked)) ports are blocked by sockets whose programs chose the port"
            + (uses.isEmpty ? "" : ": \(uses.joined(separator: ", "))")
        ] + Self.lines(blockers, "socket"),
      remedy: (capacity == 0
        ? []
        : [
          "Give a program that binds its own source ports (HAProxy's source with a range) ports outside of ip_local_port_range, or let it leave the choice to connect() (IP_BIND_ADDRESS_NO_PORT): then each destination has the whole pool."
        ]) + rangeRemedy, settings: widerRange == nil ? [] : rangeLines)
  }

  var unlistedFinding: Finding? {
    guard let unlisted, unlisted.ports > 0, let capacity = namespace.capacity else { return nil }
    return Finding(
      "unlisted-binds", unlisted.ports * 10 >= capacity ? .warning : .notice,
      "\(counted(unlisted.ports, "pool port")) are held by sockets that are bound and nothing more. This kernel lists them nowhere, so every headroom is lower by as much.",
      evidence: Self.lines(unlisted.holders, "socket"),
      remedy: ["Let these programs bind when they connect or listen, and not before; Linux 6.8 and newer lists such sockets."])
  }

  var tupleFindings: [Finding] {
    let (capacity, pool) = (namespace.tcp?.pressure?.connect.capacity ?? 0, namespace.capacity ?? 0)
    let blocked = pool - capacity
    return tupleFindingLevels.map { tuple, level in
      let name = tuple.tuple.arrow
      let evidence =
        [
          "\(grouped(tuple.held)) of \(grouped(capacity)) ports held, \(grouped(tuple.headroom)) left, \(grouped(tuple.firstParityFree)) of them of the parity that is tried first"
        ]
        + (blocked * 10 >= pool ? ["\(grouped(blocked)) of the pool's \(grouped(pool)) ports are blocked for every destination"] : [])
        + (tuple.returning.last.map { $0 > 0 ? ["\(grouped($0)) of its ports are in TIME_WAIT and come back within 60 s"] : [] } ?? [])
        + Self.lines(tupleHolders[tuple.tuple.withoutZone] ?? [], "connection")
      let programs = [
        "Fewer connections help at once: keep them open and share them (a connection pool, HTTP keep-alive).", Self.moreTuples,
      ]
      switch level {
      case .exhausted:
        return Finding(
          "tuple-exhausted", .critical, "No port is left for \(name): connect() fails with EADDRNOTAVAIL.", evidence: evidence,
          remedy: rangeRemedy + programs, settings: widerRange == nil ? [] : rangeLines)
      case .filling:
        return Finding(
          "tuple-filling", .warning, "\(Self.littleLeft(tuple.headroom, pool)) of the pool is left for \(name).", evidence: evidence,
          remedy: rangeRemedy + programs, settings: widerRange == nil ? [] : rangeLines)
      case .slow:
        return Finding(
          "tuple-slow", .notice, "connect() to \(name) has become slow: past half of its ports, the kernel searches for each one.",
          evidence: evidence, remedy: programs)
      }
    }
  }

  /// Whether a tenth of the ports or less is left for `bind()` to port 0, and nothing else that is found explains it: what fills a destination, or
  /// blocks ports for all of them, takes the same ports from `bind()`.
  var bindIsFilling: Bool {
    guard let tcp = namespace.tcp?.pressure, let capacity = namespace.capacity, capacity > 0 else { return false }
    guard levelForAnyTuple < .critical, !tuplesAreFilling else { return false }
    return Self.leftForBind(tcp) * 10 <= capacity
  }

  private static func leftForBind(_ tcp: TCPPressure) -> Int { min(tcp.bind.wildcard, tcp.bind.wildcardIPv6) }

  var bindFinding: Finding? {
    guard bindIsFilling, let tcp = namespace.tcp?.pressure, let capacity = namespace.capacity else { return nil }
    let left = Self.leftForBind(tcp)
    return Finding(
      left == 0 ? "bind-exhausted" : "bind-filling", .warning,
      left == 0
        ? "No port is left for bind() to port 0 on every address: it fails with EADDRINUSE. connect() is not affected."
        : "Only \(counted(left, "port")) \(left == 1 ? "is" : "are") left for bind() to port 0 on every address. connect() is not affected.",
      evidence: [
        "\(grouped(tcp.usage.used)) of \(grouped(capacity)) pool ports have a TCP socket; \(grouped(tcp.bind.wildcard)) left for 0.0.0.0, \(grouped(tcp.bind.wildcardIPv6)) for [::]",
        PortUse.held.filter { tcp.usage[$0] > 0 }.map { "\($0.name) \(grouped(tcp.usage[$0]))" }.joined(separator: ", "),
      ] + Self.lines(bindHolders, "socket"),
      remedy: rangeRemedy + [
        "Bind to one local address instead of every address: only sockets on that address are then in the way.",
        "A client that binds to choose its source address should set IP_BIND_ADDRESS_NO_PORT, so that connect() chooses the port.",
      ], settings: widerRange == nil ? [] : rangeLines)
  }

  var udpIsFilling: Bool {
    guard let udp = namespace.udp?.pressure, let capacity = namespace.capacity, capacity > 0 else { return false }
    return PressureLevel(headroom: min(udp.headroom, udp.headroomIPv6), capacity: capacity) >= .critical
  }

  /// How a pool at ``PressureLevel/critical`` is described: `Less than a fifth`, and `A fifth` on the threshold itself.
  private static func littleLeft(_ headroom: Int, _ capacity: Int) -> String { headroom * 5 < capacity ? "Less than a fifth" : "A fifth" }

  var udpFinding: Finding? {
    guard udpIsFilling, let udp = namespace.udp?.pressure, let capacity = namespace.capacity else { return nil }
    let left = min(udp.headroom, udp.headroomIPv6)
    return Finding(
      left == 0 ? "udp-exhausted" : "udp-filling", left == 0 ? .critical : .warning,
      left == 0
        ? "No port is left for UDP: an unbound sender gets EAGAIN, an automatic bind EADDRINUSE."
        : "\(Self.littleLeft(left, capacity)) of the ports is left for UDP.",
      evidence: [
        "\(grouped(udp.usage.used)) of \(grouped(capacity)) pool ports have a UDP socket; \(grouped(udp.headroom)) left over IPv4, \(grouped(udp.headroomIPv6)) over IPv6",
        PortUse.held.filter { udp.usage[$0] > 0 }.map { "\($0.name) \(grouped(udp.usage[$0]))" }.joined(separator: ", "),
      ] + Self.lines(udpHolders, "socket"),
      remedy: rangeRemedy + [
        "An unbound UDP socket needs a port that is free for every address, whatever the destination: send from one socket instead of one for each peer."
      ], settings: widerRange == nil ? [] : rangeLines)
  }

  var timeWaitFinding: Finding? {
    guard let settings = namespace.settings, let connect = namespace.tcp?.pressure?.connect else { return nil }
    let stuck = connect.tuples.filter {
      ($0.returning.last ?? 0) - $0.reusable > 0 && (($0.returning.last ?? 0) - $0.reusable) * 5 >= connect.capacity
    }
    guard let worst = stuck.first else { return nil }
    let isLoopback = worst.tuple.source.isLoopback || worst.tuple.destination.isLoopback
    let reuse = settings.timeWaitReuse
    let mode: TimeWaitReuse.Mode = isLoopback ? .loopbackOnly : .always
    // What a peer without timestamps left in TIME_WAIT stays there, whatever is set here.
    let isRefused = reuse.hasTimestamps && worst.usesTimestamps == false
    var lines: [SysctlLine] = []
    if !reuse.hasTimestamps { lines.append(SysctlLine("net.ipv4.tcp_timestamps", "1")) }
    if reuse.mode != .always, reuse.mode != mode, !isRefused { lines.append(SysctlLine("net.ipv4.tcp_tw_reuse", "\(mode.rawValue)")) }
    let helps =
      isRefused
      ? "tcp_tw_reuse does not help here: \(Self.withoutTimestamps) Switch timestamps on at the other end, or keep connections open and share them."
      : lines.isEmpty
        ? "tcp_tw_reuse is on already and frees ports after \(reuse.delay) ms: the connections are shorter than that. Keep them open and share them."
        : "With these settings connect() takes such a port again after \(reuse.delay) ms"
          + (worst.usesTimestamps == true
            ? ": the other side uses TCP timestamps." : ", provided that the other side uses TCP timestamps too.")
    return Finding(
      "time-wait", .warning, "Closed connections in TIME_WAIT hold a fifth or more of a destination's ports.",
      evidence: stuck.prefix(3).map { tuple in
        "\(tuple.tuple.arrow): \(grouped(tuple.returning.last ?? 0)) in TIME_WAIT, \(grouped(tuple.reusable)) of them reusable, of \(grouped(connect.capacity)) ports"
      } + ["tcp_tw_reuse = \(reuse.mode.rawValue), tcp_timestamps = \(reuse.hasTimestamps ? "on" : "off")"],
      remedy: [helps, "Or let the side that accepts close first: its TIME_WAIT holds no port of a pool."], settings: lines)
  }

  private static let withoutTimestamps =
    "the open connections to it use no TCP timestamps, and without them the kernel takes over no port in TIME_WAIT."

  /// Headroom that a peer without timestamps would take away.
  var reuseFinding: Finding? {
    let pools = namespace.pools.filter { $0.isUncertain && $0.worstLevel > $0.level }
    guard let pool = pools.min(by: { $0.leastHeadroom < $1.leastHeadroom }),
      let tuple = namespace.tcp?.pressure?.connect.pessimistic[pool.id.family]
    else { return nil }
    return Finding(
      "reuse-unconfirmed", pool.worstLevel >= .critical ? .warning : .notice,
      "Perhaps only \(counted(pool.leastHeadroom, "port")) \(pool.leastHeadroom == 1 ? "is" : "are") left for \(tuple.tuple.arrow): \(grouped(tuple.unconfirmed)) count as free because tcp_tw_reuse is on, and that holds only if the peer uses TCP timestamps.",
      evidence: [
        "\(grouped(tuple.held)) of \(grouped(pool.capacity)) ports held, \(grouped(tuple.unconfirmed)) more in TIME_WAIT for longer than \(namespace.settings?.timeWaitReuse.delay ?? 1000) ms",
        "the kernel takes those over only if their connections used TCP timestamps; no open connection shows whether they did",
      ],
      remedy: [
        "While a connection is open, ss -tino\(tuple.tuple.isPeerHidden ? "" : " dst \(tuple.tuple.destination)") shows ts where timestamps are on; run doctor then. TcpExtTWRecycled (nstat -az TcpExtTWRecycled) rises with each port that is taken over.",
        "Where timestamps are off at the other end or removed on the way, TIME_WAIT lasts a minute: keep connections open and share them.",
      ])
  }

  var timeWaitBucketsFinding: Finding? {
    guard let buckets = timeWaitBuckets, buckets.limit > 0, buckets.share >= 0.9 else { return nil }
    let isReached = buckets.used >= buckets.limit
    return Finding(
      "time-wait-buckets", .warning,
      isReached
        ? "The kernel's limit of TIME_WAIT sockets is reached: connections that close now end at once, unprotected from late packets."
        : "The kernel's limit of TIME_WAIT sockets is nearly reached; above it connections end at once, unprotected from late packets.",
      evidence: ["\(grouped(buckets.used)) TIME_WAIT sockets, tcp_max_tw_buckets = \(grouped(buckets.limit))"]
        + (timeWaitOverflows > 0
          ? ["TCPTimeWaitOverflow = \(grouped(timeWaitOverflows)): that many have ended this way since the namespace began"] : []),
      remedy: ["Raise the limit: a TIME_WAIT socket takes about 300 bytes."],
      settings: [SysctlLine("net.ipv4.tcp_max_tw_buckets", "\(max(buckets.limit * 2, 8192))")])
  }
}
