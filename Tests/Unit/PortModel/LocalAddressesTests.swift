import PortModel
import Testing

@Suite("A namespace's own addresses")
struct LocalAddressesTests {
  private static func address(_ text: String) throws -> IPAddress { try #require(IPAddress(text)) }

  @Test(
    "a network contains what shares its prefix, and nothing else",
    arguments: [
      ("192.0.2.0", 24, ["192.0.2.0", "192.0.2.255", "::ffff:192.0.2.7"], ["192.0.3.0", "192.0.1.255", "::c000:207", "::1"]),
      ("10.0.0.4", 30, ["10.0.0.4", "10.0.0.7"], ["10.0.0.3", "10.0.0.8"]),
      ("0.0.0.0", 0, ["0.0.0.0", "255.255.255.255"], ["::", "2001:db8::1"]),
      ("198.51.100.1", 32, ["198.51.100.1"], ["198.51.100.0", "198.51.100.2"]),
      ("2001:db8::", 32, ["2001:db8::", "2001:db8:ffff::1"], ["2001:db9::", "192.0.2.1"]),
      ("2001:db8:0:1::", 64, ["2001:db8:0:1::", "2001:db8:0:1:ffff::"], ["2001:db8:0:2::", "2001:db8::"]),
      ("2001:db8::8000:0", 97, ["2001:db8::8000:1", "2001:db8::ffff:ffff"], ["2001:db8::7fff:ffff", "2001:db8::1:8000:0"]),
      ("2001:db8::1", 128, ["2001:db8::1"], ["2001:db8::"]),
      ("::", 0, ["::1", "ffff::"], ["10.0.0.1"]),
    ] as [(String, Int, [String], [String])])
  func network(address: String, length: Int, inside: [String], outside: [String]) throws {
    let network = LocalAddresses.Network(address: try Self.address(address), prefixLength: length)
    for text in inside { #expect(network.contains(try Self.address(text)), "\(text)") }
    for text in outside { #expect(!network.contains(try Self.address(text)), "\(text)") }
    var local = LocalAddresses()
    local.insert(network)
    for text in inside { #expect(local.contains(try Self.address(text)), "\(text)") }
    for text in outside { #expect(!local.contains(try Self.address(text)), "\(text)") }
  }

  @Test("an absurd prefix length traps nothing", arguments: [Int.min, -1, 33, 129, 4_096])
  func absurd(length: Int) throws {
    for text in ["10.0.0.1", "2001:db8::1"] {
      let network = LocalAddresses.Network(address: try Self.address(text), prefixLength: length)
      _ = network.contains(try Self.address("10.0.0.2"))
      _ = network.contains(try Self.address("2001:db8::2"))
    }
  }

  @Test("a network of one address is that address")
  func single() throws {
    var local = LocalAddresses()
    local.insert(LocalAddresses.Network(address: try Self.address("10.0.0.5"), prefixLength: 32))
    local.insert(LocalAddresses.Network(address: try Self.address("2001:db8::5"), prefixLength: 128))
    #expect(local == LocalAddresses([try Self.address("10.0.0.5"), try Self.address("2001:db8::5")]))
  }
}
