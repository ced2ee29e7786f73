internal import PortModel
internal import Scraper

/// One of the pools that can run out, in words: a line of the table and a bar of the page.
struct PoolRow: Sendable, Hashable {
  let name: String
  let used: Int
  let capacity: Int
  /// How many more can be had before ``error``.
  let headroom: Int
  let error: String
  /// The tuple it is about, or empty.
  let note: String
}

extension NamespaceSnapshot {
  /// The pools that can run out, connect() first.
  var poolRows: [PoolRow] {
    guard let capacity else { return [] }
    var rows: [PoolRow] = []
    if let tcp = tcp?.pressure {
      for (family, name) in [(AddressFamily.ipv4, "connect() over IPv4"), (.ipv6, "connect() over IPv6")] {
        let worst = tcp.connect.worst[family]
        rows.append(
          PoolRow(
            name: name, used: worst?.held ?? 0, capacity: tcp.connect.capacity, headroom: worst?.headroom ?? tcp.connect.capacity,
            error: "EADDRNOTAVAIL", note: worst.map { $0.tuple.arrow } ?? ""))
      }
      rows.append(bindRow("bind() to 0.0.0.0", capacity, tcp.bind.wildcard))
      rows.append(bindRow("bind() to [::]", capacity, tcp.bind.wildcardIPv6))
    }
    if let udp = udp?.pressure {
      rows.append(udpRow("UDP over IPv4", capacity, udp.headroom))
      rows.append(udpRow("UDP over IPv6", capacity, udp.headroomIPv6))
    }
    return rows
  }

  private func bindRow(_ name: String, _ capacity: Int, _ headroom: Int) -> PoolRow {
    PoolRow(name: name, used: capacity - headroom, capacity: capacity, headroom: headroom, error: "EADDRINUSE", note: "")
  }

  private func udpRow(_ name: String, _ capacity: Int, _ headroom: Int) -> PoolRow {
    PoolRow(name: name, used: capacity - headroom, capacity: capacity, headroom: headroom, error: "EAGAIN", note: "")
  }
}
