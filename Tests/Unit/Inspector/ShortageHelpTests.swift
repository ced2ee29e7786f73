import Inspector
import PortModel
import Testing

@Suite("What the page says helps")
struct ShortageHelpTests {
  private func namespace(_ name: String, left: Int, isOther: Bool, hidesPeer: Bool = false) throws -> NamespaceSnapshot {
    let range = try #require(PortRange(first: 40000, last: 40099))
    let tuple = Tuple(source: .loopbackIPv6, destination: .loopbackIPv6, destinationPort: 443)
    let headroom = TupleHeadroom(
      tuple: hidesPeer ? tuple.withoutPeer : tuple, used: 100 - left, reusable: 0, headroom: left,
      firstParityFree: max(0, left - 50), returning: [0, 0, 0, 0])
    let connect = ConnectHeadroom(
      capacity: 100, firstParityCapacity: 50, tupleCounts: [.ipv6: 1], tuples: [headroom], worst: [.ipv6: headroom])
    let bind = BindHeadroom(wildcard: 100, wildcardIPv6: left, addresses: [], isComplete: true, other: 100, otherIPv6: left)
    let tcp = TCPPressure(
      usage: PortUsage(counts: [.local: 100 - left]), blocked: 0, connect: connect, bind: bind, wrongParity: 0, listeners: [])
    let visit = NamespaceVisit(
      id: nil, identity: NamespaceIdentity(), totals: SocketTotals(tcp: 0, udp: 0, holders: 0), isWalked: true)
    return NamespaceSnapshot(
      name: name, settings: PoolSettings(range: range), tcp: TCPPool(sockets: SocketCounts(), seesBoundOnly: true, pressure: tcp), udp: nil,
      outcomes: [], visit: isOther ? visit : nil)
  }

  @Test(
    "commands reach the namespace that they are about, and run nothing else",
    arguments: [
      ("host", false, "sudo portpool explain '[::1]:443'", "sysctl -w "),
      ("blue", true, "sudo portpool explain '[::1]:443' --netns blue", "nsenter --net=/run/netns/blue sysctl -w "),
      ("-x;$(id)", true, "sudo portpool explain '[::1]:443' --netns='-x;$(id)'", "nsenter --net='/run/netns/-x;$(id)' sysctl -w "),
      ("4026532301", true, "sudo portpool explain '[::1]:443' --netns 4026532301", "nsenter --net=/proc/PID/ns/net sysctl -w "),
    ])
  func commands(name: String, isOther: Bool, holders: String, prefix: String) throws {
    let help = ShortageHelp(try namespace(name, left: 0, isOther: isOther))
    #expect(help.holdersCommand == holders)
    #expect(help.titles.first == "No port is left for ::1 → [::1]:443: connect() fails with EADDRNOTAVAIL.")
    #expect(!help.commands.isEmpty && help.commands.allSatisfy { $0.hasPrefix(prefix) }, "\(help.commands)")
    #expect(Set(help.remedies).count == help.remedies.count && !help.remedies.isEmpty)
  }

  @Test("where peers are hidden the whole range is asked about")
  func hidden() throws {
    let help = ShortageHelp(try namespace("host", left: 0, isOther: false, hidesPeer: true))
    #expect(help.holdersCommand == "sudo portpool explain ephemeral")
    #expect(!(help.titles + help.remedies).joined().contains("443"))
  }

  @Test("where nothing is short there is nothing to do")
  func calm() throws {
    let help = ShortageHelp(try namespace("host", left: 90, isOther: false))
    #expect(help.titles == [] && help.remedies == [] && help.commands == [] && help.holdersCommand == nil)
  }
}
