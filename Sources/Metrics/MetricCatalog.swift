package import Exposition

/// Every metric of this program: name, type, labels and HELP, in one place. The table of docs/metrics.md is made from it.
///
/// `netns` is `host` for the namespace the exporter runs in, the name below `/run/netns` where there is one, else the inode number.
/// `protocol` is `tcp` or `udp`; `family` is `ipv4` (IPv4-mapped addresses included) or `ipv6`.
package enum MetricCatalog {
  // MARK: The pool

  package static let firstPort = MetricDescriptor(
    "portpool_range_first_port", labels: ["netns"],
    help: "First port of net.ipv4.ip_local_port_range, inclusive.")
  package static let lastPort = MetricDescriptor(
    "portpool_range_last_port", labels: ["netns"],
    help: "Last port of net.ipv4.ip_local_port_range, inclusive.")
  package static let reserved = MetricDescriptor(
    "portpool_reserved_ports", labels: ["netns"],
    help: "Ports of the range that net.ipv4.ip_local_reserved_ports keeps from being handed out.")
  package static let capacity = MetricDescriptor(
    "portpool_capacity_ports", labels: ["netns", "protocol"],
    help: "Ports the kernel can hand out: the range minus the reserved ports. The same for both protocols.")
  package static let rangeUnreserved = MetricDescriptor(
    "portpool_range_unreserved_ports", labels: ["netns", "range"],
    help: "Pool ports of a range named with --range that are not reserved: a connection can take them from a service without a socket.")
  package static let timeWaitReuseMode = MetricDescriptor(
    "portpool_tcp_tw_reuse_mode", labels: ["netns"],
    help: "net.ipv4.tcp_tw_reuse: 0 never, 1 always, 2 loopback only.")

  // MARK: Occupancy

  package static let sockets = MetricDescriptor(
    "portpool_sockets", labels: ["netns", "protocol", "family", "range", "state"],
    help: "Sockets by the IANA range of their local port (well_known, registered, dynamic) and by state.")
  package static let rangeSockets = MetricDescriptor(
    "portpool_range_sockets", labels: ["netns", "protocol", "range"],
    help: "Sockets whose local port lies in a range named with --range. Named ranges may overlap.")
  package static let used = MetricDescriptor(
    "portpool_used_ports", labels: ["netns", "protocol"],
    help: "Distinct pool ports with any socket.")
  package static let ports = MetricDescriptor(
    "portpool_ports", labels: ["netns", "protocol", "use"],
    help: "Used pool ports by what holds them, each port once: listener, bound, local, client or closing.")

  // MARK: Headroom

  package static let blocked = MetricDescriptor(
    "portpool_blocked_ports", labels: ["netns"],
    help: "Pool ports that no connect() can be given, whatever its destination: listeners and explicitly bound ports.")
  package static let worstUsed = MetricDescriptor(
    "portpool_worst_tuple_used_ports", labels: ["netns", "family"],
    help: "Ports in use by the tuple (source, destination, destination port) with the least headroom, reusable TIME_WAIT not counted.")
  package static let worstCapacity = MetricDescriptor(
    "portpool_worst_tuple_capacity_ports", labels: ["netns", "family"],
    help: "Ports that a connect() can be given, whatever its destination: pool minus blocked.")
  package static let worstHeadroom = MetricDescriptor(
    "portpool_worst_tuple_headroom_ports", labels: ["netns", "family"],
    help:
      "Connects left for the worst tuple before EADDRNOTAVAIL. Exact with source bpf, otherwise an upper bound: programs that bind before they connect take more."
  )
  package static let worstReusable = MetricDescriptor(
    "portpool_worst_tuple_reusable_ports", labels: ["netns", "family"],
    help: "TIME_WAIT ports of the worst tuple that count as free, because the kernel may take them over (net.ipv4.tcp_tw_reuse).")
  package static let worstLeastHeadroom = MetricDescriptor(
    "portpool_worst_tuple_least_headroom_ports", labels: ["netns", "family"],
    help: "Lower bound of connects left (fewest of all tuples): without reusable TIME_WAIT ports of peers not known to use timestamps.")
  package static let worstFirstParityFree = MetricDescriptor(
    "portpool_worst_tuple_first_parity_free_ports", labels: ["netns", "family"],
    help: "Of the worst tuple's headroom, ports of the parity the kernel tries first. At 0 every connect() has become slow.")
  package static let worstReturning = MetricDescriptor(
    "portpool_worst_tuple_returning_ports", labels: ["netns", "family", "within"],
    help: "TIME_WAIT ports of the worst tuple that come back within this many seconds, cumulative.")
  package static let tuples = MetricDescriptor(
    "portpool_tuples", labels: ["netns", "family"],
    help: "Tuples (source, destination, destination port) that hold a pool port. With source bpf an estimate where there are very many."
  )
  package static let tupleUsed = MetricDescriptor(
    "portpool_tuple_used_ports", labels: ["netns", "source", "destination", "destination_port"],
    help: "Ports in use by the fullest tuples: at most --top-tuples of them, and only those past --top-tuples-min-share of the pool.")
  package static let tupleReusable = MetricDescriptor(
    "portpool_tuple_reusable_ports", labels: ["netns", "source", "destination", "destination_port"],
    help: "TIME_WAIT ports of the same tuples that count as free, because the kernel may take them over.")
  package static let bindHeadroom = MetricDescriptor(
    "portpool_bind_headroom_ports", labels: ["netns", "protocol", "family"],
    help: "Automatic binds (port 0) to the wildcard address left before EADDRINUSE. For ipv6 the wildcard is the dual-stack [::].")
  package static let autobindHeadroom = MetricDescriptor(
    "portpool_udp_autobind_headroom_ports", labels: ["netns", "family"],
    help: "Unbound UDP senders left before EAGAIN. They need a port that is free on every address.")
  package static let wrongParity = MetricDescriptor(
    "portpool_wrong_parity_ports", labels: ["netns"],
    help:
      "TCP client ports of the second parity although the first has room for their tuple: bound before connect(), IP_LOCAL_PORT_RANGE, or left over from a spike."
  )
  package static let bindFirst = MetricDescriptor(
    "portpool_bind_first_ports", labels: ["netns"],
    help:
      "Pool ports that no connect() is given because programs got them from bind() to port 0 and then connected. Only source bpf tells."
  )
  package static let unreservedListeners = MetricDescriptor(
    "portpool_unreserved_listeners", labels: ["netns", "protocol"],
    help: "Unreserved pool ports that servers chose and an outgoing connection can take while they restart. "
      + "udp: those one socket has held for ten minutes.")

  // MARK: Other namespaces (`--collector.namespaces`)

  package static let namespaces = MetricDescriptor(
    "portpool_namespaces", labels: ["state"],
    help: "Network namespaces beside the exporter's own: walked, calm (too few sockets for trouble), skipped (beyond --namespaces.max), "
      + "excluded or unreadable.")
  package static let namespaceInfo = MetricDescriptor(
    "portpool_netns_info", labels: ["netns", "name", "pod_uid", "container_id", "unit"],
    help: "Owner of a namespace: its name or host name, pod, container and systemd unit, where known; always 1.")
  package static let namespaceSockets = MetricDescriptor(
    "portpool_namespace_sockets", labels: ["netns", "protocol"],
    help: "Sockets of a namespace as the kernel counts them (sockstat), TIME_WAIT included.")
  package static let namespaceWalked = MetricDescriptor(
    "portpool_namespace_walked", labels: ["netns"],
    help: "1 when the namespace's sockets were read one by one; 0 when it has too few to be in trouble, and so has no headroom series.")
  package static let skippedSockets = MetricDescriptor(
    "portpool_skipped_namespace_sockets", labels: ["protocol"],
    help: "Sockets of all namespaces beyond --namespaces.max, added up.")

  // MARK: Owners (`--collector.owners`)

  package static let ownerUsed = MetricDescriptor(
    "portpool_owner_used_ports", labels: ["netns", "owner"],
    help: "Pool ports by owner (unit, container, pod, cgroup), TCP and UDP apart; other beyond --owners.top, none for TIME_WAIT alone."
  )

  // MARK: Connection tracking (`--collector.conntrack`)

  package static let conntrackEntries = MetricDescriptor(
    "portpool_conntrack_entries", labels: ["netns"], help: "Connections in the namespace's connection tracking table.")
  package static let conntrackEntriesLimit = MetricDescriptor(
    "portpool_conntrack_entries_limit", labels: ["netns"],
    help: "The most entries the table may hold: net.netfilter.nf_conntrack_max, one number for the whole host.")
  package static let conntrackInsertFailed = MetricDescriptor(
    "portpool_conntrack_insert_failed_total", .counter, labels: ["netns"],
    help: "New connections that could not be entered: address translation found no free port, or two packets raced.")
  package static let conntrackDrops = MetricDescriptor(
    "portpool_conntrack_drops_total", .counter, labels: ["netns"],
    help: "Packets dropped because the table was full or their connection could not be entered, which insert_failed counts as well.")
  package static let conntrackEarlyDrops = MetricDescriptor(
    "portpool_conntrack_early_drops_total", .counter, labels: ["netns"],
    help: "Entries removed early to make room in a full table.")
  package static let conntrackTakenProbes = MetricDescriptor(
    "portpool_conntrack_taken_probes_total", .counter, labels: ["netns"],
    help: "Times the search for a port to translate to ran into a taken one. A high rate means that the ports are filling up.")

  // MARK: Translated connections (`--collector.snat`)

  package static let snatFailure = MetricDescriptor(
    "portpool_snat_worst_tuple_failure_ratio", labels: ["netns", "protocol", "family"],
    help:
      "Share of new connections of the worst tuple (translated source, destination, destination port) that find no port and are dropped. The number to alert on."
  )
  package static let snatUsed = MetricDescriptor(
    "portpool_snat_worst_tuple_used_ports", labels: ["netns", "protocol", "family"],
    help: "Ports in use by the worst tuple: the one with the greatest failure ratio, then with the least share free.")
  package static let snatCapacity = MetricDescriptor(
    "portpool_snat_worst_tuple_capacity_ports", labels: ["netns", "protocol", "family"],
    help: "Ports that the rule of the worst tuple hands out. portpool_snat_range_info says where the number is from.")
  package static let snatHeadroom = MetricDescriptor(
    "portpool_snat_worst_tuple_headroom_ports", labels: ["netns", "protocol", "family"],
    help: "Ports the worst tuple has free. Of a large range connections fail long before this is 0: the kernel looks at 248 ports.")
  package static let snatClosing = MetricDescriptor(
    "portpool_snat_worst_tuple_closing_ports", labels: ["netns", "family"],
    help: "Used ports of the worst TCP tuple held by closing connections, which a new one may evict (Linux 6.5; 0 before).")
  package static let snatConnections = MetricDescriptor(
    "portpool_snat_connections", labels: ["netns", "protocol", "family"],
    help: "Tracked connections whose source is translated. other is neither TCP nor UDP nor ICMP, and has no pool.")
  package static let snatTuples = MetricDescriptor(
    "portpool_snat_tuples", labels: ["netns", "protocol", "family"], help: "Tuples that a translated connection holds a port of.")
  package static let snatTupleUsed = MetricDescriptor(
    "portpool_snat_tuple_used_ports", labels: ["netns", "protocol", "source", "destination", "destination_port"],
    help: "Ports in use by the worst tuples: at most --top-tuples of them, and only those past --top-tuples-min-share of their range.")
  package static let snatAddressConnections = MetricDescriptor(
    "portpool_snat_address_connections", labels: ["netns", "source"],
    help: "Connections by the address that they are translated to: at most --top-addresses of them, those with the most.")
  package static let snatRange = MetricDescriptor(
    "portpool_snat_range_info", labels: ["netns", "origin"],
    help:
      "Where the ports are known from: rules, option (--snat-range), assumed (no right to read rules: 1024-65535), unreadable (from a map); always 1."
  )
  package static let snatWalked = MetricDescriptor(
    "portpool_snat_walked", labels: ["netns"],
    help: "1 when the connection tracking table was read; 0 when it has too few entries for any tuple to be half full.")

  // MARK: Refused ports (`--collector.refusals`)

  package static let refused = MetricDescriptor(
    "portpool_refused_total", .counter, labels: ["netns", "kind"],
    help:
      "Calls that failed because no port was free: connect(), connect() of a bound socket (connect_bound), bind() to port 0 (bind), UDP (udp). The outage itself."
  )
  package static let refusedMissed = MetricDescriptor(
    "portpool_refused_missed_total", .counter,
    help:
      "Calls for a port that went unseen, successful or not, in all namespaces: portpool_refused_total lacks at most this many. Absent before Linux 5.12."
  )
  package static let refusedDestinations = MetricDescriptor(
    "portpool_refused_destination_total", .counter, labels: ["netns", "source", "destination", "destination_port"],
    help: "Refused TCP connects by destination: at most --top-tuples of them, those with the most.")
  package static let refusedPrograms = MetricDescriptor(
    "portpool_refused_program_total", .counter, labels: ["netns", "program"],
    help: "Refused calls by the name of the thread that made them (comm): at most --top-tuples names, those with the most.")

  // MARK: Searches for a port (`--collector.port-search`)

  package static let portSearch = MetricDescriptor(
    "portpool_port_search_duration_seconds", .histogram, labels: ["kind"],
    help:
      "Time the kernel searched for a free port, successfully or not, in all namespaces together: for connect(), bind() to port 0 (bind), UDP (udp)."
  )

  // MARK: Between scrapes (`--sampler.interval`)

  package static let utilization = MetricDescriptor(
    "portpool_worst_tuple_utilization_ratio", .histogram, labels: ["netns"],
    help: "Share of the ports a connect() can be given that the fullest tuple holds, at every sample. Low values are upper bounds.")
  package static let peakUsed = MetricDescriptor(
    "portpool_worst_tuple_used_ports_peak", labels: ["netns"],
    help: "The most ports any tuple held in the last two minutes, the same for every reader. Idle hosts are not sampled in full.")
  package static let samplerWalks = MetricDescriptor(
    "portpool_sampler_walks_total", .counter, labels: ["netns"],
    help: "Samples that walked the socket table, because the number of sockets did not prove the pool idle.")
  package static let samplerSkipped = MetricDescriptor(
    "portpool_sampler_skipped_total", .counter, labels: ["netns"],
    help: "Samples skipped because a scrape or the previous sample was still running.")

  // MARK: About the exporter

  package static let buildInfo = MetricDescriptor(
    "portpool_build_info", labels: ["version", "revision", "swiftversion", "os", "arch"],
    help: "What the exporter was built from; always 1.")
  package static let sourceInfo = MetricDescriptor(
    "portpool_source_info", labels: ["netns", "source"],
    help: "Where the sockets were read from (bpf, netlink or proc); always 1.")
  package static let kernelAbility = MetricDescriptor(
    "portpool_kernel_ability", labels: ["ability"],
    help: "1 if the running kernel can do this, 0 if not: numbers depend on it (docs/kernels.md). Missing where unknown.")
  package static let collectorSuccess = MetricDescriptor(
    "portpool_scrape_collector_success", labels: ["collector"],
    help: "Whether the collector succeeded: 1, or 0 when its series are missing or incomplete.")
  package static let collectorDuration = MetricDescriptor(
    "portpool_scrape_collector_duration_seconds", labels: ["collector"],
    help: "How long the collector took.")
  package static let portAtRisk = MetricDescriptor(
    "portpool_exporter_port_at_risk",
    help: "1 when the exporter's own listen port is an unreserved pool port, which an outgoing connection can take.")

  // MARK: Pushes of a server (`--push.url`)

  package static let pushes = MetricDescriptor(
    "portpool_push_total", .counter, help: "Pushes started, successful or not. Retries are not counted.")
  package static let pushFailures = MetricDescriptor(
    "portpool_push_failures_total", .counter, labels: ["reason"],
    help: "Pushes that failed after all retries. no_local_port is EADDRNOTAVAIL: the pool itself is used up.")
  package static let pushesSkipped = MetricDescriptor(
    "portpool_push_skipped_total", .counter, help: "Pushes skipped because the previous one took longer than the interval.")
  package static let pushLastSuccess = MetricDescriptor(
    "portpool_push_last_success_timestamp_seconds", help: "When the last push arrived, since unix epoch in seconds; 0 before the first.")
  package static let pushDuration = MetricDescriptor(
    "portpool_push_duration_seconds", help: "How long the last push took, retries and waits included, successful or not.")

  // MARK: The process (the names and words of every Prometheus client library)

  package static let cpuSeconds = MetricDescriptor(
    "process_cpu_seconds_total", .counter, help: "Total user and system CPU time spent in seconds.")
  package static let residentMemory = MetricDescriptor("process_resident_memory_bytes", help: "Resident memory size in bytes.")
  package static let virtualMemory = MetricDescriptor("process_virtual_memory_bytes", help: "Virtual memory size in bytes.")
  package static let openDescriptors = MetricDescriptor("process_open_fds", help: "Number of open file descriptors.")
  package static let maximumDescriptors = MetricDescriptor("process_max_fds", help: "Maximum number of open file descriptors.")
  package static let startTime = MetricDescriptor(
    "process_start_time_seconds", help: "Start time of the process since unix epoch in seconds.")

  /// The catalogue by subject, for docs/metrics.md.
  package static let sections: [(title: String, metrics: [MetricDescriptor])] = [
    ("Pool", [firstPort, lastPort, reserved, capacity, rangeUnreserved, timeWaitReuseMode]),
    ("Occupancy", [sockets, rangeSockets, used, ports]),
    (
      "Headroom",
      [
        blocked, worstUsed, worstCapacity, worstHeadroom, worstReusable, worstLeastHeadroom, worstFirstParityFree, worstReturning, tuples,
        tupleUsed, tupleReusable, bindHeadroom, autobindHeadroom, wrongParity, bindFirst, unreservedListeners,
      ]
    ),
    ("Other namespaces", [namespaces, namespaceInfo, namespaceSockets, namespaceWalked, skippedSockets]),
    ("Owners", [ownerUsed]),
    (
      "Connection tracking",
      [
        conntrackEntries, conntrackEntriesLimit, conntrackInsertFailed, conntrackDrops, conntrackEarlyDrops, conntrackTakenProbes,
      ]
    ),
    (
      "Translated connections",
      [
        snatFailure, snatUsed, snatCapacity, snatHeadroom, snatClosing, snatConnections, snatTuples, snatTupleUsed, snatAddressConnections,
        snatRange, snatWalked,
      ]
    ),
    ("Refused ports", [refused, refusedMissed, refusedDestinations, refusedPrograms]),
    ("Searches for a port", [portSearch]),
    ("Between scrapes", [utilization, peakUsed, samplerWalks, samplerSkipped]),
    ("Exporter", [buildInfo, sourceInfo, kernelAbility, collectorSuccess, collectorDuration, portAtRisk]),
    ("Push", [pushes, pushFailures, pushesSkipped, pushLastSuccess, pushDuration]),
    ("Process", [cpuSeconds, residentMemory, virtualMemory, openDescriptors, maximumDescriptors, startTime]),
  ]
}
