package import PortModel

/// Parsers of the files that name a namespace's own addresses.
package enum LocalAddressFormats {
  /// The addresses of `/proc/net/if_inet6`: 32 hexadecimal digits, then interface, prefix length, scope, flags and name.
  ///
  /// ```
  /// 00000000000000000000000000000001 01 80 10 80       lo
  /// ```
  /// Kernel: `if6_seq_show` in `net/ipv6/addrconf.c`.
  package static func interfacesIPv6(_ bytes: borrowing Span<UInt8>) throws(FormatError) -> Set<IPAddress> {
    var addresses: Set<IPAddress> = []
    var lines = LineCursor()
    while let line = lines.next(in: bytes) {
      var index = line.start
      guard
        let word0 = bytes.hexadecimal8(&index), let word1 = bytes.hexadecimal8(&index),
        let word2 = bytes.hexadecimal8(&index), let word3 = bytes.hexadecimal8(&index),
        index < bytes.count, bytes[index] == 0x20
      else {
        throw FormatError(bytes, at: line.start, in: line, field: "address", expected: "32 hexadecimal digits")
      }
      addresses.insert(IPAddress(high: UInt64(word0) << 32 | UInt64(word1), low: UInt64(word2) << 32 | UInt64(word3)))
    }
    return addresses
  }

  /// The addresses of `/proc/net/fib_trie` that are this host's own: a leaf, and below it the line that says `/32 host LOCAL`.
  ///
  /// ```
  ///            |-- 127.0.0.1
  ///               /32 host LOCAL
  /// ```
  /// `/8 host LOCAL` for 127.0.0.0 names a network, whose addresses are recognised as loopback without a list.
  ///
  /// Kernel: `fib_trie_seq_show` in `net/ipv4/fib_trie.c`.
  package static func routesIPv4(_ bytes: borrowing Span<UInt8>) throws(FormatError) -> Set<IPAddress> {
    var addresses: Set<IPAddress> = []
    var leaf: UInt32?
    var lines = LineCursor()
    while let line = lines.next(in: bytes) {
      var index = line.start
      bytes.skipSpaces(&index)
      if bytes.hasPrefix("|-- ", at: index) {
        index += 4
        leaf = try dottedAddress(bytes, &index, line)
      } else if let address = leaf, bytes.hasPrefix("/32 host LOCAL", at: index) {
        addresses.insert(IPAddress(ipv4: address))
      }
    }
    return addresses
  }

  private static func dottedAddress(
    _ bytes: borrowing Span<UInt8>, _ index: inout Int, _ line: TextLine
  ) throws(FormatError) -> UInt32 {
    let start = index
    var address: UInt32 = 0
    for part in 0..<4 {
      if part > 0 {
        guard index < bytes.count, bytes[index] == UInt8(ascii: ".") else {
          throw FormatError(bytes, at: start, in: line, field: "leaf", expected: "an IPv4 address")
        }
        index += 1
      }
      guard let byte = bytes.decimal(&index), byte <= 255 else {
        throw FormatError(bytes, at: start, in: line, field: "leaf", expected: "an IPv4 address")
      }
      address = address << 8 | UInt32(byte)
    }
    return address
  }
}
