import Glibc
import KernelFormats
import PortModel

extension FuzzTarget {
  static let addresses: [FuzzTarget] = [
    FuzzTarget(name: "fib-trie") { bytes in
      let addresses = Parsed { () throws(FormatError) in try LocalAddressFormats.routesIPv4(bytes.span) }.value ?? []
      for address in addresses {
        require(address.isIPv4, "\(address) in a table of IPv4")
        require(IPAddress(address.description) == address, "\(address) is not read as it is written")
      }
    },
    FuzzTarget(name: "if-inet6") { bytes in
      let addresses = Parsed { () throws(FormatError) in try LocalAddressFormats.interfacesIPv6(bytes.span) }.value ?? []
      for address in addresses { require(IPAddress(address.description) == address, "\(address) is not read as it is written") }
    },
    FuzzTarget(name: "ip-address") { bytes in
      let text = String(decoding: bytes.prefix(64), as: UTF8.self)
      let address = IPAddress(text)
      require((address != nil) == (cLibrary(text) != nil), "\"\(text)\": we say \(String(describing: address)), C \(cLibrary(text) as Any)")
      guard let address else { return }
      require(IPAddress(address.description) == address, "\"\(text)\" is \(address), which is not read as it is written")
      if let bytes = cLibrary(text), bytes.count == 16 {
        let halves = (0..<2).map { half in bytes[half * 8..<half * 8 + 8].reduce(UInt64(0)) { $0 << 8 | UInt64($1) } }
        require(address == IPAddress(high: halves[0], low: halves[1]), "\"\(text)\" is \(address)")
      }
    },
  ]

  /// What `inet_pton` makes of a text: 4 or 16 bytes.
  private static func cLibrary(_ text: String) -> [UInt8]? {
    guard !text.utf8.contains(0) else { return nil }
    var bytes = [UInt8](repeating: 0, count: 16)
    if unsafe inet_pton(AF_INET, text, &bytes) == 1 { return Array(bytes.prefix(4)) }
    return unsafe inet_pton(AF_INET6, text, &bytes) == 1 ? bytes : nil
  }
}
