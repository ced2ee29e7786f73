import Foundation
import Inspector
import Kernel
import PortModel
import TestSupport
import Testing

@Suite("Connection tracking in trouble, and gone after its remedy", .networkNamespaces, .nftables, .serialized)
struct ConntrackRemedyTests {
  private static let destination = SocketAddress("127.0.0.1", 8080)

  private static func findings(_ watch: Duration) -> [Finding] {
    Doctor(HostFiles(), view: .thread, exporterPort: 1030, watch: watch).diagnosis().findings.filter { $0.id.hasPrefix("conntrack-") }
  }

  /// The findings of the first watch that has these: on a busy machine, those who want ports may be given no time in one.
  private static func findings(_ expected: Set<String>, _ watch: Duration) -> [Finding] {
    for _ in 0..<20 {
      let found = findings(watch)
      if Set(found.map(\.id)) == expected { return found }
    }
    return findings(watch)
  }

  @Test("translation that has run out of ports is named, with no limit to raise; more ports end it")
  func translation() async throws {
    let (before, refused, after) = try await NetworkNamespace.run(pool: nil) { _ in
      try PacketRules.translate(port: 8080, to: 30000...30009)
      let listener = try TestSocket.listener(Self.destination)
      let clients = try TestSocket.clients(10, to: Self.destination)
      // Each asks again every second, since nobody answers.
      let silent = try (0..<5).map { _ in try TestSocket.client(to: Self.destination, waiting: false) }
      let before = Self.findings(["conntrack-dropping"], .milliseconds(2500))
      for socket in silent { socket.close() }
      try PacketRules.translate(port: 8080, to: 20000...29999)
      let refused = Refusal.ofConnects(to: Self.destination, limit: 50)
      let after = Self.findings(.milliseconds(1500))
      withExtendedLifetime((listener, clients)) {}
      return (before, refused, after)
    }
    let finding = try #require(before.first)
    #expect(before.map(\.id) == ["conntrack-dropping"] && finding.severity == .critical && finding.settings == [])
    #expect(finding.evidence.first?.hasPrefix("insert_failed rose by ") == true)
    #expect(finding.remedy.count == 1 && finding.remedy[0].contains("translate to more addresses"))
    #expect(refused == Refusal(count: 50, number: 0))
    #expect(after == [])
  }

  /// The limit is the whole host's, so the table is filled and never the limit lowered; it is back to what it was at the end. Of several runs on a host,
  /// one at a time does that.
  @Test("a table that is full is named, and so are the entries thrown out of it; a higher limit ends both", .raisableTable)
  func fullTable() async throws {
    let turn = try await ConnectionTable.turn()
    defer { turn.close() }
    let limit = try #require(ConnectionTable.limit)
    defer { try? ConnectionTable.set(limit) }
    let (before, after) = try await NetworkNamespace.run(pool: nil, sysctls: ["netfilter/nf_conntrack_udp_timeout": "600"]) { _ in
      try PacketRules.trackAndDrop(udpPort: 7)
      let sender = try ConnectionTable.fill(beyond: limit)
      let before = Self.findings(["conntrack-full", "conntrack-dropping"], .milliseconds(1000))
      let wanted = before.flatMap(\.settings).first?.value
      try ConnectionTable.set(wanted.flatMap { Int($0) } ?? limit)
      let after = Self.findings(.milliseconds(1000))
      withExtendedLifetime(sender) {}
      return (before, after)
    }
    #expect(Set(before.map(\.id)) == ["conntrack-full", "conntrack-dropping"], "\(before)")
    for finding in before { #expect(finding.settings.map(\.command) == ["sysctl -w net.netfilter.nf_conntrack_max=\(limit * 2)"]) }
    #expect(before.first { $0.id == "conntrack-dropping" }?.evidence.first?.contains("early_drop rose by ") == true, "\(before)")
    #expect(after == [])
  }
}
