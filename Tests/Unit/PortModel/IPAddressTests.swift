import PortModel
import Testing

@Suite("Addresses")
struct IPAddressTests {
  @Test(
    "loopback is 127.0.0.0/8, mapped or not, and ::1",
    arguments: [
      ("127.0.0.1", true), ("127.255.255.254", true), ("::ffff:127.0.0.1", true), ("::1", true),
      ("126.255.255.255", false), ("128.0.0.0", false), ("0.0.0.0", false), ("::", false), ("::2", false),
      ("::7f00:1", false), ("1::1", false), ("2001:db8::1", false),
    ])
  func loopback(text: String, isLoopback: Bool) throws {
    #expect(try #require(IPAddress(text)).isLoopback == isLoopback)
  }

  @Test(
    "the wildcard is all zeros in either family",
    arguments: [("0.0.0.0", true), ("::", true), ("::ffff:0.0.0.0", true), ("0.0.0.1", false), ("::1", false), ("1::", false)])
  func wildcard(text: String, isWildcard: Bool) throws {
    #expect(try #require(IPAddress(text)).isWildcard == isWildcard)
  }

  @Test("0.0.0.0 and :: are two addresses, and so are 127.0.0.1 and ::1")
  func families() {
    #expect(IPAddress.anyIPv4 != .anyIPv6)
    #expect(IPAddress.loopbackIPv4 != .loopbackIPv6)
    #expect(IPAddress.anyIPv4.family == .ipv4)
    #expect(IPAddress.anyIPv6.family == .ipv6)
    #expect(AddressFamily.allCases.map(\.name) == ["ipv4", "ipv6"])
  }

  @Test("IPv4 sorts before IPv6, each by number")
  func order() throws {
    let sorted = ["0.0.0.0", "10.0.0.9", "10.0.0.10", "192.0.2.1", "::", "::1", "2001:db8::1", "fe80::1"]
    let addresses = try sorted.map { try #require(IPAddress($0)) }
    #expect(addresses.reversed().sorted() == addresses)
  }
}
