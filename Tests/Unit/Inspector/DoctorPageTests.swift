import Inspector
import Kernel
import PortModel
import TestSupport
import Testing

@Suite("The page of the doctor")
struct DoctorPageTests {
  static let sick = HostFiles(procfs: Fixture("inspect/sick").path)

  @Test("is what was recorded", arguments: ["sick", "proc"])
  func golden(tree: String) throws {
    let diagnosis = Doctor(HostFiles(procfs: Fixture("inspect/\(tree)").path), watch: .milliseconds(1)).diagnosis()
    try Golden.expect(diagnosis.page.text, equals: "inspect/doctor-\(tree).txt")
  }

  @Test("names every trouble of a sick host once, the worst first")
  func everything() {
    let findings = Doctor(Self.sick, exporterPort: 40050, watch: .milliseconds(1)).diagnosis().findings
    #expect(
      findings.map(\.id)
        == [
          "tuple-filling", "udp-filling", "time-wait", "time-wait-buckets", "conntrack-full", "close-wait", "unreserved-listeners",
          "tuple-slow", "bind-before-connect", "exporter-port", "narrow-pool", "range-parity", "missing-rights",
        ].filter { id in findings.contains { $0.id == id } })
    let ids = Set(findings.map(\.id))
    for id in [
      "udp-filling", "time-wait", "time-wait-buckets", "conntrack-full", "close-wait", "unreserved-listeners", "bind-before-connect",
      "exporter-port", "narrow-pool", "range-parity", "missing-rights",
    ] { #expect(ids.contains(id), "\(id)") }
  }

  @Test("gives each setting one value, however many findings ask for it")
  func agreement() {
    let lines = Doctor(Self.sick, exporterPort: 40050, watch: .milliseconds(1)).diagnosis().settings
    #expect(Set(lines.map(\.name)).count == lines.count, "\(lines)")
    #expect(
      lines.contains {
        $0.name == "net.ipv4.ip_local_reserved_ports" && $0.value == "10097,40000-40001,40050" || $0.value == "40000-40001,40050"
      })
  }

  @Test("a host that cannot be looked at is status 2, with the reason")
  func unreadable() throws {
    try CopiedHost.with { copy in
      try copy.remove("net/tcp")
      let diagnosis = Doctor(copy.host).diagnosis()
      #expect(diagnosis.exitStatus == 2)
      #expect(diagnosis.problems.contains { $0.contains("net/tcp") })
      #expect(diagnosis.page.text.contains("could not be looked at"))
    }
  }

  @Test(
    "a number that no kernel keeps is status 2 and names its file",
    arguments: ["nf_conntrack_count", "nf_conntrack_max"], ["9223372036854775808", "18446744073709551615"])
  func oddNumber(file: String, number: String) throws {
    try CopiedHost.with { copy in
      for name in ["nf_conntrack_count", "nf_conntrack_max"] {
        try copy.write("sys/net/netfilter/\(name)", (name == file ? number : "1") + "\n")
      }
      let diagnosis = Doctor(copy.host).diagnosis()
      #expect(diagnosis.exitStatus == 2)
      #expect(diagnosis.problems.contains { $0.contains(file) && $0.contains("0 to 4294967295") })
    }
  }

  @Test(
    "counters that are missing, empty, or names without numbers cost a remark at most",
    arguments: [
      ("net/netstat", "TcpExt: SyncookiesSent TCPTimeWaitOverflow\n", nil), ("net/netstat", "", nil), ("net/stat/nf_conntrack", "", nil),
      ("net/sockstat", "", "TIME_WAIT: not compared with its limit"), ("net/sockstat", nil, "TIME_WAIT: not compared with its limit"),
    ] as [(String, String?, String?)])
  func missingCounter(path: String, text: String?, remark: String?) throws {
    try CopiedHost.with { copy in
      try copy.write("net/sockstat", "sockets: used 9\nTCP: inuse 3 orphan 0 tw 1 alloc 4 mem 1\nUDP: inuse 0 mem 0\n")
      try copy.write("sys/net/ipv4/tcp_max_tw_buckets", "8192\n")
      let whole = Doctor(copy.host, watch: .zero).diagnosis()
      if let text { try copy.write(path, text) } else { try copy.remove(path) }
      let diagnosis = Doctor(copy.host, watch: .zero).diagnosis()
      #expect(diagnosis.problems == [] && diagnosis.findings == whole.findings)
      #expect(diagnosis.facts.filter { !whole.facts.contains($0) }.count == (remark == nil ? 0 : 1), "\(diagnosis.facts)")
      if let remark { #expect(diagnosis.facts.contains { $0.hasPrefix(remark) }) }
    }
  }

  @Test("a broken counter is status 2, not silence")
  func brokenCounter() throws {
    try CopiedHost.with { copy in
      try copy.write("net/stat/nf_conntrack", "rubbish\n")
      #expect(Doctor(copy.host).diagnosis().exitStatus == 2)
    }
  }
}
