import Glibc
import PortModel
import TestSupport
import Testing

@Suite("Addresses as text")
struct IPAddressTextTests {
  @Test(
    "an address is written as RFC 5952 wants it",
    arguments: [
      ("2001:db8:0:0:0:0:2:1", "2001:db8::2:1"),
      ("2001:DB8::1", "2001:db8::1"),
      ("2001:0db8::0001", "2001:db8::1"),
      ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
      ("2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
      ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"),
      ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
      ("0:0:0:0:0:0:0:0", "::"),
      ("0:0:0:0:0:0:0:1", "::1"),
      ("1:0:0:0:0:0:0:0", "1::"),
      ("0:0:0:1:0:0:0:0", "0:0:0:1::"),
      ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"),
      ("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"),
      ("fe80::aaaa:0:0:ffff", "fe80::aaaa:0:0:ffff"),
      ("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
    ])
  func canonical(text: String, canonical: String) throws {
    let address = try #require(IPAddress(text))
    #expect(address.description == canonical)
    #expect(IPAddress(canonical) == address)
    #expect(address.family == .ipv6)
  }

  @Test(
    "an IPv4-mapped address is the IPv4 address, however it is written",
    arguments: ["::ffff:192.0.2.10", "::ffff:c000:20a", "0:0:0:0:0:ffff:192.0.2.10", "::FFFF:C000:020A", "192.0.2.10"])
  func mapped(text: String) throws {
    let address = try #require(IPAddress(text))
    #expect(address == IPAddress(ipv4: 0xC000_020A))
    #expect(address.family == .ipv4)
    #expect(address.description == "192.0.2.10")
  }

  @Test("the last 32 bits of any IPv6 address may be written as IPv4")
  func embedded() {
    #expect(IPAddress("64:ff9b::192.0.2.33") == IPAddress("64:ff9b::c000:221"))
    #expect(IPAddress("::192.0.2.33")?.family == .ipv6)
  }

  @Test(
    "what is no address is refused",
    arguments: [
      "", " ", ".", ":", "::1::", ":::", "1::2::3", "10.0.0", "10.0.0.", ".10.0.0", "10.0.0.0.0", "10.0.0.256", "10.0.0.01",
      "010.0.0.1", "10.0.0.+1", "10.0.0.-1", "10.0.0.1 ", " 10.0.0.1", "10.0.0.1/32", "0x7f.0.0.1", "127.1", "1", "10..0.1",
      "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::", "::1:2:3:4:5:6:7:8", "1:2:3:4::5:6:7:8", ":1:2:3:4:5:6:7",
      "1:2:3:4:5:6:7:", "12345::", "::g", "::+1", "::-1", "::1%lo", "::1/128", "[::1]", "::10.0.0.1:1", "10.0.0.1::",
      "::10.0.0", "::ffff:10.0.0.256", "1:2:3:4:5:6:7:10.0.0.1", "١٠.٠.٠.١", "::１",
    ])
  func refused(text: String) {
    #expect(IPAddress(text) == nil)
  }

  @Test("text and address go back and forth, as inet_pton and inet_ntop have it", arguments: UInt64(1)...40)
  func roundTrip(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    for _ in 0..<50 {
      // Zero groups are frequent, so that every place and length of "::" comes up.
      let groups = (0..<8).map { _ in Bool.random(using: &random) ? UInt16(0) : UInt16.random(in: 0...0xFFFF, using: &random) }
      let halves = (0..<2).map { groups[$0 * 4..<$0 * 4 + 4].reduce(UInt64(0)) { $0 << 16 | UInt64($1) } }
      let address = IPAddress(high: halves[0], low: halves[1])
      #expect(IPAddress(address.description) == address, "\(address)")
      #expect(Libc.address(address.description) == address, "inet_pton reads \(address)")
      // inet_ntop writes ::a.b.c.d for the obsolete IPv4-compatible addresses; RFC 5952 does not.
      if halves[0] != 0 { #expect(Libc.text(address) == address.description) }
    }
  }

  @Test("an address beside a port has brackets only when it is IPv6")
  func besidePort() {
    #expect(IPAddress("192.0.2.10")?.description(port: 5432) == "192.0.2.10:5432")
    #expect(IPAddress("::ffff:192.0.2.10")?.description(port: 5432) == "192.0.2.10:5432")
    #expect(IPAddress("2001:db8::5")?.description(port: 443) == "[2001:db8::5]:443")
  }
}

/// What the C library makes of an address.
private enum Libc {
  static func address(_ text: String) -> IPAddress? {
    var bytes = [UInt8](repeating: 0, count: 16)
    guard unsafe inet_pton(AF_INET6, text, &bytes) == 1 else { return nil }
    let halves = (0..<2).map { bytes[$0 * 8..<$0 * 8 + 8].reduce(UInt64(0)) { $0 << 8 | UInt64($1) } }
    return IPAddress(high: halves[0], low: halves[1])
  }

  static func text(_ address: IPAddress) -> String {
    let bytes = [address.high, address.low].flatMap { half in (0..<8).map { UInt8(truncatingIfNeeded: half >> UInt64(56 - $0 * 8)) } }
    var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    _ = unsafe inet_ntop(AF_INET6, bytes, &text, socklen_t(text.count))
    return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}
