internal import PortModel

/// The JSON of `portpool snapshot --format json` and of `/api/v1/snapshot`. Its field names are a promise.
package struct SnapshotDocument: JSONDocument {
  /// Where an exporter serves the document.
  static let path = "/api/v1/snapshot"
  /// The ``source`` of a snapshot for which no sockets could be read.
  static let noSource = "none"

  /// RFC 3339, UTC: `2026-01-02T03:04:05Z`.
  let time: String
  /// Where the sockets were read: `netlink`, `proc`, or `none`.
  let source: String
  let namespaces: [Namespace]
  /// What could not be read, a sentence each; empty when everything was read.
  let errors: [String]
  /// What is worth knowing without being a failure, such as a missing right; missing if there is nothing to say.
  let remarks: [String]?
  /// How many other namespaces exist, and how closely each was examined; missing without `--collector.namespaces`.
  let census: Census?
  /// What the kernel refused for want of a port; missing without `--collector.refusals`.
  let refusals: Refusals?

  struct Census: Codable, Sendable {
    let walked: Int
    let calm: Int
    let skipped: Int
    let excluded: Int
    let unreadable: Int
    let skipped_sockets: Totals
  }

  /// Sockets as the kernel counts them.
  struct Totals: Codable, Sendable {
    let tcp: UInt64
    let udp: UInt64
  }

  struct Namespace: Codable, Sendable {
    let netns: String
    /// These three are missing for the exporter's own namespace. One that was not walked has no counts but `totals`.
    let walked: Bool?
    let totals: Totals?
    let identity: Identity?
    /// Who holds the pool ports; missing without `--collector.owners`.
    let owners: [Owner]?
    /// These three are missing when the settings could not be read.
    let range: Range?
    let reserved: Int?
    let capacity: Int?
    let sockets: [Sockets]
    let ranges: [NamedRangeSockets]
    /// Missing when the collector is off or failed.
    let tcp: TCP?
    let udp: UDP?
    /// Address translation; missing without `--collector.snat`.
    let snat: Snat?
  }

  /// The owner of a namespace; what is not known is missing.
  struct Identity: Codable, Sendable {
    let name: String?
    let pod: String?
    let container: String?
    let unit: String?
  }

  struct Owner: Codable, Sendable {
    let owner: String
    let used_ports: Int
  }

  struct Range: Codable, Sendable {
    let first: Port
    let last: Port
  }

  struct Sockets: Codable, Sendable {
    let `protocol`: String
    let family: String
    let range: String
    let state: String
    let count: Int
  }

  struct NamedRangeSockets: Codable, Sendable {
    let `protocol`: String
    let range: String
    let first: Port
    let last: Port
    let count: Int
  }

  struct TCP: Codable, Sendable {
    let used: Int
    let uses: [String: Int]
    /// What stands at each port of the range, as runs: `.480LC3` is 480 free ports, a listener, three clients. `B` is bound, `H` a connection
    /// within the host, `T` TIME_WAIT and its kind, `R` reserved.
    let map: String?
    let blocked: Int
    let wrong_parity: Int
    /// Missing unless the source is `bpf`.
    let bind_first: Int?
    /// `exact`; missing where headroom is an upper bound, since further ports may be taken that the source does not see.
    let exactness: String?
    let unreserved_listeners: [Port]
    let connect: Connect
    let bind: Bind
  }

  struct Connect: Codable, Sendable {
    let capacity: Int
    let first_parity_capacity: Int
    /// How many tuples hold a pool port, by family; `tuples` lists the fullest of them.
    let tuple_count: [String: Int]
    /// The tuple with the least headroom, by family; none where no tuple holds a port.
    let worst: [String: Tuple]?
    /// The tuple with the smallest `least_headroom`, by family, which may be another one.
    let pessimistic: [String: Tuple]?
    let tuples: [Tuple]
  }

  struct Tuple: Codable, Sendable {
    let source: String
    /// `0.0.0.0` or `::`, with port 0, where the server does not show peers (`--no-web.peers`).
    let destination: String
    let port: Port
    let used: Int
    let reusable: Int
    let headroom: Int
    /// `headroom` without what the kernel takes over only if the peer uses timestamps, where it is not known to.
    let least_headroom: Int?
    /// Whether the tuple's connections use TCP timestamps; missing if nothing shows it.
    let timestamps: Bool?
    let first_parity_free: Int
    /// TIME_WAIT ports that come back within 5, 15, 30 and 60 seconds, cumulative.
    let returning: [String: Int]
  }

  struct Bind: Codable, Sendable {
    let wildcard_headroom: Int
    let wildcard_headroom_ipv6: Int
    let addresses: [Address]
    /// `false` when there are more addresses than are listed.
    let addresses_complete: Bool
    let other_headroom: Int
    let other_headroom_ipv6: Int
  }

  struct Address: Codable, Sendable {
    let address: String
    let headroom: Int
  }

  struct UDP: Codable, Sendable {
    let used: Int
    let uses: [String: Int]
    let map: String?
    let autobind: Autobind
    /// Missing when the source cannot tell an explicit bind from an automatic one (`proc`).
    let unreserved_listeners: [Port]?
  }

  struct Autobind: Codable, Sendable {
    let headroom: Int
    let headroom_ipv6: Int
  }
}
