import KernelFormats
import PortModel
import Testing

@Suite("A namespace's own addresses")
struct LocalAddressFormatsTests {
  /// As Linux 6.18 writes it for `lo` with 192.0.2.10 and 198.51.100.7.
  static let trie = """
    Main:
      +-- 0.0.0.0/0 2 0 2
         +-- 127.0.0.0/8 2 0 2
            +-- 127.0.0.0/31 1 0 0
               |-- 127.0.0.0
                  /8 host LOCAL
               |-- 127.0.0.1
                  /32 host LOCAL
            |-- 127.255.255.255
               /32 link BROADCAST
         +-- 192.0.0.0/5 2 0 2
            |-- 192.0.2.10
               /32 host LOCAL
            |-- 198.51.100.7
               /32 host LOCAL
    Local:
      +-- 0.0.0.0/0 2 0 2
         |-- 0.0.0.0
            /0 universe UNICAST
         |-- 203.0.113.0
            /24 link UNICAST
            /32 link BROADCAST
         |-- 203.0.113.255
            /32 host LOCAL

    """

  @Test("an address of fib_trie is the host's own when a /32 host LOCAL stands below it")
  func trie() throws {
    let addresses = try LocalAddressFormats.routesIPv4(Array(Self.trie.utf8).span)
    #expect(addresses.map(\.description).sorted() == ["127.0.0.1", "192.0.2.10", "198.51.100.7", "203.0.113.255"])
  }

  @Test("a route of its own line only counts for the leaf above it")
  func severalRoutes() throws {
    let text = "     |-- 203.0.113.0\n        /24 link UNICAST\n        /32 host LOCAL\n        /32 host LOCAL\n"
    #expect(try LocalAddressFormats.routesIPv4(Array(text.utf8).span) == [RecordedTable.address("203.0.113.0")])
    #expect(try LocalAddressFormats.routesIPv4(Array("        /32 host LOCAL\n".utf8).span).isEmpty)
  }

  @Test("an empty fib_trie has no addresses", arguments: ["", "\n", "Main:\n", "Main:\n  +-- 0.0.0.0/0 2 0 2\n"])
  func emptyTrie(text: String) throws {
    #expect(try LocalAddressFormats.routesIPv4(Array(text.utf8).span).isEmpty)
  }

  @Test(
    "a leaf that is no address is named with its place",
    arguments: [
      ("Main:\n  |-- rubbish\n", 2, 7, "\"rubbish\""), ("|-- 256.0.0.1\n", 1, 5, "\"256.0.0.1\""), ("|-- 10.0.0\n", 1, 5, "\"10.0.0\""),
      ("|-- 10.0.0.\n", 1, 5, "\"10.0.0.\""), ("|-- \n", 1, 5, "end of line"), ("|-- ", 1, 5, "end of file"),
      ("|-- 10.0.0.1\n\n |-- 2001:db8::1\n", 3, 6, "\"2001:db8::1\""),
    ])
  func brokenTrie(text: String, line: Int, column: Int, found: String) {
    let expected = FormatError(line: line, column: column, field: "leaf", expected: "an IPv4 address", found: found)
    #expect(throws: expected) { try LocalAddressFormats.routesIPv4(Array(text.utf8).span) }
  }

  @Test("if_inet6 has one address a line")
  func interfaces() throws {
    let text = """
      20010db8000000000000000000000005 01 80 00 80       lo
      00000000000000000000000000000001 01 80 10 80       lo
      fe800000000000000000000000000001 02 40 20 80     eth0

      """
    let addresses = try LocalAddressFormats.interfacesIPv6(Array(text.utf8).span)
    #expect(addresses == [RecordedTable.address("2001:db8::5"), .loopbackIPv6, RecordedTable.address("fe80::1")])
    #expect(try LocalAddressFormats.interfacesIPv6([UInt8]().span).isEmpty)
  }

  @Test(
    "a line of if_inet6 that does not begin with an address is named with its place",
    arguments: [
      ("rubbish\n", 1, "\"rubbish\""),
      ("20010db8000000000000000000000005 01 80 00 80 lo\n2001:db8::5 01\n", 2, "\"2001:db8::5\""),
      ("20010db800000000000000000000005 01 80 00 80 lo\n", 1, "\"20010db800000000000000000000005\""),
      ("20010db80000000000000000000000055 01 80 00 80 lo\n", 1, "\"20010db80000000000000000000000055\""),
      ("20010db8000000000000000000000005", 1, "\"20010db8000000000000000000000005\""),
      ("20010db8000000000000000000000005 01\n\n", 2, "end of line"),
    ])
  func brokenInterfaces(text: String, line: Int, found: String) {
    let expected = FormatError(line: line, column: 1, field: "address", expected: "32 hexadecimal digits", found: found)
    #expect(throws: expected) { try LocalAddressFormats.interfacesIPv6(Array(text.utf8).span) }
  }
}
