import Foundation
import PortModel
import TestSupport
import Testing
import portpool

@Suite("Another host's document")
struct SnapshotDocumentTests {
  /// Says everything that a document can say.
  private static let fleet = #"""
    {"time": "2026-01-02T03:04:05Z", "source": "netlink", "errors": ["owners: 3 processes cannot be read"], "remarks": ["run as root"],
     "census": {"walked": 1, "calm": 1, "skipped": 2, "excluded": 3, "unreadable": 4, "skipped_sockets": {"tcp": 5, "udp": 6}},
     "namespaces": [
       {"netns": "host", "range": {"first": 40000, "last": 40009}, "reserved": 2, "capacity": 8, "sockets": [], "ranges": [],
        "owners": [{"owner": "nginx.service", "used_ports": 3}, {"owner": "none", "used_ports": 1}],
        "tcp": {"used": 4, "uses": {"listener": 1, "bound": 0, "local": 0, "client": 3, "closing": 0}, "map": "R2.2LC3.2", "blocked": 1,
          "wrong_parity": 1, "unreserved_listeners": [40004],
          "connect": {"capacity": 7, "first_parity_capacity": 4, "tuple_count": {"ipv4": 2, "ipv6": 0},
            "worst": {"ipv4": TUPLE}, "pessimistic": {"ipv4": TUPLE}, "tuples": [TUPLE]},
          "bind": {"wildcard_headroom": 4, "wildcard_headroom_ipv6": 3, "addresses": [{"address": "10.0.0.5", "headroom": 5}],
            "addresses_complete": true, "other_headroom": 6, "other_headroom_ipv6": 7}},
        "udp": {"used": 1, "uses": {"listener": 0, "bound": 1, "local": 0, "client": 0, "closing": 0}, "map": "R2B.7",
          "autobind": {"headroom": 7, "headroom_ipv6": 6}, "unreserved_listeners": [40002]}},
       {"netns": "4026532201", "walked": false, "totals": {"tcp": 12, "udp": 3}, "sockets": [], "ranges": [],
        "identity": {"pod": "7f3a", "container": "4f1c", "unit": "kubelet.service"}}
     ]}
    """#.replacing("TUPLE", with: tuple("10.0.0.5", "10.0.0.9"))

  private static func tuple(_ source: String, _ destination: String) -> String {
    #"{"source": "\#(source)", "destination": "\#(destination)", "port": 5432, "used": 3, "reusable": 1, "headroom": 5, "least_headroom": 4, "#
      + #""first_parity_free": 2, "returning": {"5": 0, "15": 1, "30": 1, "60": 2}}"#
  }

  private func document(_ text: String) throws -> SnapshotDocument {
    try JSONDecoder().decode(SnapshotDocument.self, from: Data(text.utf8))
  }

  private func text(_ document: SnapshotDocument) throws -> String { String(decoding: try document.encoded(), as: UTF8.self) }

  @Test("what a recorded document says is said again", arguments: ["busy", "busy-limited", "empty", "no-ipv6", "broken", "broken-tcp"])
  func recorded(name: String) throws {
    // After the document a recording may have what went to standard error.
    let recording = try Fixture("golden/snapshot/\(name).json").text().replacing("\"TIME\"", with: "\"2026-01-02T03:04:05Z\"")
    let document = try document(String(recording.prefix(upTo: recording.firstRange(of: "\n===")?.lowerBound ?? recording.endIndex)))
    #expect(try text(SnapshotDocument(PoolSnapshot(document))) == text(document))
  }

  /// A gateway whose first tuple has a map.
  private static let gateway = #"""
    {"time": "2026-01-02T03:04:05Z", "source": "netlink", "errors": [], "namespaces": [
       {"netns": "host", "sockets": [], "ranges": [],
        "snat": {"walked": true, "map": "C3.5T2", "uncounted_ports": 3,
          "pools": [{"protocols": ["tcp"], "family": "ipv4", "addresses": ["10.2.0.1", "10.2.0.2"], "first": 40000, "last": 40009, "origin": "rules"},
            {"protocols": [], "family": null, "addresses": null, "first": null, "last": null, "origin": "assumed"},
            {"protocols": ["udp"], "family": "ipv6", "addresses": null, "first": null, "last": null, "origin": "unreadable"}],
          "connections": [{"protocol": "tcp", "family": "ipv4", "connections": 5, "tuples": 1}],
          "tuples": [{"protocol": "tcp", "source": "10.2.0.1", "destination": "10.2.0.100", "port": 80, "zone": 7, "first": 40000, "capacity": 10,
            "headroom": 5, "used": 5, "closing": 2, "failure": 0.25},
            {"protocol": "udp", "source": "fd02::1", "destination": "fd02::100", "port": 53, "zone": 0, "used": 4, "closing": 0, "failure": 0}],
          "addresses": [{"address": "10.2.0.1", "connections": 5}]}}]}
    """#

  @Test("what was refused is said again, with the exporter's own namespace")
  func refusals() throws {
    let refusals = #"""
      ,"refusals":{"kinds":["connect","bind"],"namespaces":[{"netns":"host","refused":{"connect":7,"bind":1},"last":"2026-01-02T03:04:05Z"},\
      {"netns":"other","refused":{"connect":2,"bind":0}}],"cases":[{"netns":"host","kind":"connect","source":"10.0.0.5",\
      "destination":"10.0.0.9","port":5432,"program":"curl","count":7,"last":"2026-01-02T03:04:05Z"},{"netns":"host","kind":"bind",\
      "source":"::","program":"named","count":1,"last":"2026-01-02T03:04:05Z"},{"netns":"host","kind":"of the future","source":"::",\
      "program":"x","count":1,"last":""}],"missed":312}}
      """#.replacing("\\\n", with: "")
    let snapshot = PoolSnapshot(try document(String(Self.fleet.dropLast()) + refusals))
    let read = try #require(snapshot.refusals)
    #expect(read.kinds == [.connect, .bind] && read.total == 10 && read.last == 1_767_323_045 && read.missed == 312)
    #expect(read.cases.map(\.title) == ["10.0.0.5 → 10.0.0.9:5432", "bind() to ::"] && read.cases.map(\.program) == ["curl", "named"])
    #expect(snapshot.namespaces.dropFirst().allSatisfy { $0[Refusals.self] == nil })
    let again = try #require(PoolSnapshot(try document(text(SnapshotDocument(snapshot)))).refusals)
    #expect(again == read)
    let old = try document(String(Self.fleet.dropLast()) + refusals.replacing(#","missed":312"#, with: ""))
    #expect(PoolSnapshot(old).refusals?.missed == nil)
    let oldAgain = try text(SnapshotDocument(PoolSnapshot(old)))
    #expect(!oldAgain.contains("missed"))
    let large = try document(String(Self.fleet.dropLast()) + refusals.replacing("312", with: "18446744073709551615"))
    #expect(PoolSnapshot(large).refusals?.missed == 1 << 50)
    let hidden = try text(SnapshotDocument(snapshot.withoutPeers))
    #expect(hidden.contains(#""missed":312"#))
    #expect(hidden.contains(#""program":"curl""#) && !hidden.contains(#""destination":"10.0.0.9","kind""#))
  }

  @Test("what a gateway translates is said again, and shown as its own would be")
  func translated() throws {
    let document = try document(Self.gateway)
    let snapshot = PoolSnapshot(document)
    #expect(try text(SnapshotDocument(snapshot)) == text(document))
    let snat = try #require(snapshot.own?[Snat.self])
    #expect(snat.origins == [.rules, .assumed, .unreadable])
    let table = try #require(snat.table)
    #expect(table.tuples.map(\.title) == ["tcp 10.2.0.1 → 10.2.0.100:80 zone 7", "udp fd02::1 → [fd02::100]:53"])
    #expect(table.tuples.map(\.chanceText) == ["25%", "?"])
    #expect(table.worst[Snat.PoolKey(.tcp, .ipv4)]?.headroom == 5)
    #expect(table.map?.used.ports == [40000, 40001, 40002, 40008, 40009] && table.map?.closing.ports == [40008, 40009])
  }

  @Test(
    "of a gateway that says anything, numbers are brought into bounds and what cannot be read is left out",
    arguments: [
      ("\"used\": 5", "\"used\": -5"), ("\"used\": 5", "\"used\": 99999999"), ("\"capacity\": 10", "\"capacity\": 0"),
      ("\"capacity\": 10", "\"capacity\": 99999999"), ("\"failure\": 0.25", "\"failure\": 1e300"), ("\"failure\": 0.25", "\"failure\": -1"),
      ("\"closing\": 2", "\"closing\": 9999"), ("10.2.0.1\", \"dest", "\\u001b[2J\", \"dest"), ("C3.5T2", "C99999999"), ("C3.5T2", "C3"),
      ("[\"10.2.0.1\", \"10.2.0.2\"]", "[\"10.2.0.2\", \"10.2.0.1\"]"), ("[\"10.2.0.1\", \"10.2.0.2\"]", "[]"),
      ("\"first\": 40000, \"cap", "\"first\": 65535, \"cap"),
    ])
  func hostileGateway(old: String, new: String) throws {
    let snat = try #require(try PoolSnapshot(document(Self.gateway.replacing(old, with: new))).own?[Snat.self])
    let table = try #require(snat.table)
    for use in table.tuples {
      #expect(use.used >= 0 && use.used <= use.capacity ?? 65536 && use.closing <= use.used && (0...1).contains(use.failure))
    }
    #expect(snat.pools.allSatisfy { $0.addresses?.isEmpty != true } && table.tuples.count >= 1)
  }

  @Test("a tuple that is known to use timestamps has no lower end")
  func timestamps() throws {
    let known = Self.fleet.replacing("\"least_headroom\": 4", with: "\"least_headroom\": 5, \"timestamps\": true")
    let pool = try PoolSnapshot(document(known)).namespaces[0].pools[0]
    #expect(pool.headroom == 5 && pool.leastHeadroom == 5 && pool.uncertainty == nil)
    #expect(try text(SnapshotDocument(PoolSnapshot(document(known)))).contains("\"timestamps\":true"))
  }

  @Test("namespaces, owners, remarks and the census are said again too")
  func whole() throws {
    let document = try document(Self.fleet)
    let snapshot = PoolSnapshot(document)
    // The counts of a namespace that has TCP and UDP are never missing; here they are all zero.
    let again = try text(SnapshotDocument(snapshot)).replacing(/"sockets":\[[^\]]+\]/, with: #""sockets":[]"#)
    #expect(try again == text(document))
    #expect(snapshot.namespaces.map(\.capacity) == [8, nil])
    #expect(snapshot.namespaces[0].pools.map(\.headroom) == [5, 7, 4, 3, 7, 6])
    #expect(snapshot.namespaces[0].pools[0].worst?.arrow == "10.0.0.5 → 10.0.0.9:5432")
    #expect(snapshot.namespaces[0].pools[0].leastHeadroom == 4 && snapshot.namespaces[0].pools[0].isUncertain)
    #expect(snapshot.own?.name == "host" && snapshot.source == .netlink)
  }

  @Test("a source on a device is said again with it, and one whose device cannot be shown is not read")
  func zones() throws {
    let named = try document(Self.fleet.replacing("\"10.0.0.5\"", with: "\"10.0.0.5%eth0.7\""))
    let snapshot = PoolSnapshot(named)
    #expect(snapshot.namespaces[0].pools[0].worst?.arrow == "10.0.0.5%eth0.7 → 10.0.0.9:5432")
    #expect(try text(SnapshotDocument(snapshot)).contains(#""source":"10.0.0.5%eth0.7""#))
    for zone in ["", "sixteen-letters-", "a b", "\u{9B}2J"] {
      let strange = PoolSnapshot(try document(Self.fleet.replacing("\"10.0.0.5\"", with: "\"10.0.0.5%\(zone)\"")))
      #expect(strange.namespaces[0].pools[0].worst == nil && !strange.problems.isEmpty)
    }
  }

  @Test("an older exporter without maps, worst tuples, remarks and census is shown all the same")
  func older() throws {
    let old = Self.fleet.replacing(/"map": "[^"]*",/, with: "").replacing(
      #""worst": {"ipv4": \#(Self.tuple("10.0.0.5", "10.0.0.9"))}, "#, with: ""
    )
    .replacing(#", "remarks": ["run as root"]"#, with: "").replacing(/"census": .*,/, with: "")
    #expect(!old.contains("map") && !old.contains("worst") && !old.contains("remarks") && !old.contains("census"))
    let snapshot = PoolSnapshot(try document(old))
    let pressure = try #require(snapshot.own?.tcp?.pressure)
    #expect(pressure.usage.map.isEmpty && pressure.usage.used == 4 && pressure.usage[.client] == 3)
    #expect(pressure.connect.worst[.ipv4]?.used == 3, "the first of its family")
    #expect(snapshot.remarks.isEmpty && snapshot.census == nil)
  }

  @Test(
    "a map that does not fit the range leaves the counts",
    arguments: ["", ".9", ".11", "R2.2LC3.99999999999999999999", "R2.2LC3.2.", "0", ".0", "x10", ".\u{301}9", "\u{1B}"])
  func map(text: String) throws {
    let snapshot = PoolSnapshot(try document(Self.fleet.replacing("\"R2.2LC3.2\"", with: text == "\u{1B}" ? #""\u001b""# : "\"\(text)\"")))
    let usage = try #require(snapshot.own?.tcp?.pressure?.usage)
    #expect(usage.map.isEmpty && usage.used == 4)
  }

  @Test("a tuple without a readable address is left out, and a problem says so", arguments: ["\\u001b[2J", "10.0.0", "", "fe80::1::2"])
  func address(text: String) throws {
    let strange = Self.fleet.replacing("\"tuples\": [", with: "\"tuples\": [\(Self.tuple(text, "10.0.0.9")), ")
    let snapshot = PoolSnapshot(try document(strange))
    #expect(snapshot.own?.tcp?.pressure?.connect.tuples.count == 1)
    #expect(snapshot.problems.count == 2 && snapshot.problems.last?.contains("is not an IP address") == true)
  }

  @Test("numbers are brought into the bounds of ports")
  func numbers() throws {
    let wild = Self.fleet
      .replacing("\"capacity\": 8", with: "\"capacity\": \(Int.max)").replacing("\"used\": 3", with: "\"used\": \(Int.max)")
      .replacing("\"reusable\": 1", with: "\"reusable\": \(Int.min)").replacing("\"headroom\": 7", with: "\"headroom\": \(Int.min)")
      .replacing("{\"ipv4\": 2, \"ipv6\": 0}", with: "{\"ipv4\": \(Int.max), \"ipv6\": \(Int.max), \"ipx\": 1}")
      .replacing("\"totals\": {\"tcp\": 12, \"udp\": 3}", with: "\"totals\": {\"tcp\": \(UInt64.max), \"udp\": \(UInt64.max)}")
    let snapshot = PoolSnapshot(try document(wild))
    let host = try #require(snapshot.own)
    #expect(host.capacity == 10, "as many as the range has")
    #expect(host.tcp?.pressure?.connect.tuples.first?.held == 65_536)
    #expect(host.udp?.pressure?.headroom == 0)
    #expect(host.tcp?.pressure?.connect.tupleCounts.values.reduce(0, +) == 1 << 41)
    #expect(host.pools.allSatisfy { (0...1).contains($0.share) })
  }

  @Test("a text is cut in bytes: any number of combining marks are one character")
  func texts() throws {
    let name = "e" + String(repeating: "\u{301}", count: 100_000)
    let snapshot = PoolSnapshot(try document(Self.fleet.replacing("\"netns\": \"host\"", with: "\"netns\": \"\(name)\"")))
    // 400 bytes end within a mark of two.
    #expect(snapshot.own?.name.utf8.count == 399)
  }

  @Test("a thousand port maps are unfolded, and of the others the counts are kept")
  func maps() throws {
    let one = try #require(PoolSnapshot(document(Self.fleet)).own)
    let many = PoolSnapshot(
      time: 0, namespaces: [NamespaceSnapshot](repeating: one, count: 600), census: nil, source: nil, problems: [], remarks: [])
    let read = PoolSnapshot(SnapshotDocument(many)).namespaces
    #expect(read.count == 600)
    #expect(read.filter { $0.tcp?.pressure?.usage.map.count == 10 }.count == 500)
    #expect(read.allSatisfy { $0.tcp?.pressure?.usage.used == 4 && $0.udp?.pressure?.usage.used == 1 })
  }
}
