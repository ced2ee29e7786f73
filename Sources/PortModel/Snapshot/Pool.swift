/// One of the pools that can run out.
///
/// `connect() over IPv4`: 12,004 of 28,231 used, 16,227 left, worst `10.0.0.5 → 10.0.0.9:5432`
package struct Pool: Sendable, Hashable, Identifiable {
  package let id: ID
  /// Ports that are not left, whatever took them. For connect(): those the worst tuple holds, reusable TIME_WAIT not counted, and those that
  /// are blocked for every tuple.
  package let used: Int
  /// Ports of the range that are not reserved.
  package let capacity: Int
  /// How many more can be had before ``ID/error``.
  package let headroom: Int
  /// How many of them are sure; less than ``headroom`` where TIME_WAIT ports count as free that only some peers let the kernel take over.
  package let leastHeadroom: Int
  /// The tuple with the least headroom; `nil` for pools that are not counted by tuple, and where no tuple holds a port.
  package let worst: Tuple?
  /// The tuple that ``leastHeadroom`` is of; `nil` where that is ``headroom``.
  package let pessimistic: Tuple?

  /// - Parameter pessimistic: the tuple with the least ``TupleHeadroom/leastHeadroom``.
  package init(_ id: ID, capacity: Int, headroom: Int, worst: Tuple? = nil, pessimistic: TupleHeadroom? = nil) {
    self.id = id
    let least = pessimistic?.leastHeadroom ?? headroom
    leastHeadroom = min(headroom, least)
    self.pessimistic = least < headroom ? pessimistic?.tuple : nil
    used = max(0, capacity - headroom)
    self.capacity = capacity
    self.headroom = headroom
    self.worst = worst
  }

  /// The used fraction, 0 to 1. A pool without any port is full.
  package var share: Double { PressureLevel.share(headroom: headroom, capacity: capacity) }

  package var level: PressureLevel { PressureLevel(headroom: headroom, capacity: capacity) }

  /// The level if nothing but what is sure is left.
  package var worstLevel: PressureLevel { PressureLevel(headroom: leastHeadroom, capacity: capacity) }

  /// Whether ``headroom`` and ``leastHeadroom`` differ by a tenth of the capacity or more.
  package var isUncertain: Bool { headroom > leastHeadroom && (headroom - leastHeadroom) * 10 >= capacity }

  /// What makes the pool uncertain, a sentence; `nil` if it is not.
  package var uncertainty: String? {
    guard isUncertain, let pessimistic else { return nil }
    return
      "Perhaps only \(leastHeadroom) are left, for \(pessimistic.arrow): its other free ports are in TIME_WAIT, and the kernel takes those over only if the peer uses TCP timestamps, which no open connection shows."
  }

  /// Orders pools by what is left in proportion, then by what is left.
  package func isCloserToExhaustion(than other: Pool) -> Bool { (other.share, headroom) < (share, other.headroom) }
}

extension Pool {
  /// Which of a namespace's pools. The raw value is what `top --batch` prints.
  package enum ID: String, Sendable, Hashable, CaseIterable {
    case connectIPv4 = "connect/ipv4"
    case connectIPv6 = "connect/ipv6"
    case bindIPv4 = "bind/ipv4"
    case bindIPv6 = "bind/ipv6"
    case udpIPv4 = "udp/ipv4"
    case udpIPv6 = "udp/ipv6"

    /// How the pool is called wherever there is room: `connect() over IPv4`.
    package var title: String {
      switch self {
      case .connectIPv4: "connect() over IPv4"
      case .connectIPv6: "connect() over IPv6"
      case .bindIPv4: "bind() to 0.0.0.0"
      case .bindIPv6: "bind() to [::]"
      case .udpIPv4: "UDP over IPv4"
      case .udpIPv6: "UDP over IPv6"
      }
    }

    /// At most ten columns: `connect v4`.
    package var shortTitle: String {
      switch self {
      case .connectIPv4: "connect v4"
      case .connectIPv6: "connect v6"
      case .bindIPv4: "bind v4"
      case .bindIPv6: "bind v6"
      case .udpIPv4: "UDP v4"
      case .udpIPv6: "UDP v6"
      }
    }

    /// The errno that a program gets when the pool is exhausted.
    package var error: String {
      switch self {
      case .connectIPv4, .connectIPv6: "EADDRNOTAVAIL"
      case .bindIPv4, .bindIPv6: "EADDRINUSE"
      case .udpIPv4, .udpIPv6: "EAGAIN"
      }
    }

    package var transport: TransportProtocol {
      switch self {
      case .connectIPv4, .connectIPv6, .bindIPv4, .bindIPv6: .tcp
      case .udpIPv4, .udpIPv6: .udp
      }
    }

    package var family: AddressFamily {
      switch self {
      case .connectIPv4, .bindIPv4, .udpIPv4: .ipv4
      case .connectIPv6, .bindIPv6, .udpIPv6: .ipv6
      }
    }
  }
}

/// How close a pool is to exhaustion: the one rule for alerts, page, `top`, `snapshot` and `doctor`, whatever the pool's size.
package enum PressureLevel: String, Sendable, Hashable, CaseIterable, Comparable {
  case ok
  /// From half of the capacity on.
  case warning
  /// From 80 percent of the capacity on.
  case critical
  /// Nothing is left.
  case exhausted

  package static let warningShare = 0.5
  package static let criticalShare = 0.8

  package init(headroom: Int, capacity: Int) {
    guard headroom > 0, capacity > 0 else {
      self = .exhausted
      return
    }
    let share = Self.share(headroom: headroom, capacity: capacity)
    self = share >= Self.criticalShare ? .critical : share >= Self.warningShare ? .warning : .ok
  }

  /// The fraction of `capacity` that is not left, 0 to 1; 1 without any capacity.
  package static func share(headroom: Int, capacity: Int) -> Double {
    guard capacity > 0 else { return 1 }
    return min(1, max(0, 1 - Double(headroom) / Double(capacity)))
  }

  /// For readers who see no colours.
  package var words: String {
    switch self {
    case .ok: "plenty left"
    case .warning: "filling up"
    case .critical: "nearly exhausted"
    case .exhausted: "exhausted"
    }
  }

  package static func < (left: PressureLevel, right: PressureLevel) -> Bool { left.order < right.order }

  /// 0 for ``ok``, more for what is worse.
  var order: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}
