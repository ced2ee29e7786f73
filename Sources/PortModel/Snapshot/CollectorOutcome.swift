/// The name of what can be switched on and off with `--collector.NAME`, chosen with `collect[]=NAME`, and fails alone.
///
/// Open, so that a new collector names itself where it is defined.
package struct CollectorName: RawRepresentable, Sendable, Hashable {
  package let rawValue: String
  package init(rawValue: String) { self.rawValue = rawValue }

  /// The settings: range, reserved ports, TIME_WAIT reuse.
  package static let settings = CollectorName(rawValue: "settings")
  /// TCP sockets and what they leave of the pool.
  package static let tcp = CollectorName(rawValue: "tcp")
  /// UDP sockets and what they leave of the pool.
  package static let udp = CollectorName(rawValue: "udp")
  /// Every other network namespace of the host.
  package static let namespaces = CollectorName(rawValue: "namespaces")
  /// Pool ports by the unit, container or pod that holds them.
  package static let owners = CollectorName(rawValue: "owners")

  /// The connection tracking table and its losses.
  package static let conntrack = CollectorName(rawValue: "conntrack")
  /// The pools of ports that address translation hands out.
  package static let snat = CollectorName(rawValue: "snat")
  /// What the kernel refused for want of a port.
  package static let refusals = CollectorName(rawValue: "refusals")
  /// How long the kernel searched for free ports.
  package static let portSearch = CollectorName(rawValue: "port-search")
}

/// Where sockets are read from.
package struct SourceName: RawRepresentable, Sendable, Hashable {
  package let rawValue: String
  package init(rawValue: String) { self.rawValue = rawValue }

  /// `/proc/net/tcp` and its siblings.
  package static let proc = SourceName(rawValue: "proc")
  /// The kernel's inet_diag over netlink.
  package static let netlink = SourceName(rawValue: "netlink")
  /// Programs inside the kernel, which read its tables in place.
  package static let bpf = SourceName(rawValue: "bpf")
}

/// How one collector fared in one scrape.
package struct CollectorOutcome: Sendable, Hashable {
  package let collector: CollectorName
  /// Where the collector's sockets came from; `nil` when it reads none, or failed.
  package let source: SourceName?
  /// Wall time in seconds.
  package let duration: Double
  /// One sentence that names the file, the place and what was found; `nil` when all went well.
  package let problem: String?
  /// Something worth a log line without being a failure, such as why `/proc` is read although inet_diag was preferred.
  package let remark: String?

  package init(collector: CollectorName, source: SourceName? = nil, duration: Double, problem: String? = nil, remark: String? = nil) {
    self.collector = collector
    self.source = source
    self.duration = duration
    self.problem = problem
    self.remark = remark
  }

  package var isSuccess: Bool { problem == nil }
}
