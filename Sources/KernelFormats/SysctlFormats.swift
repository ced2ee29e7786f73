package import PortModel

/// Parsers of the files below `/proc/sys/net/ipv4`. Each takes a whole file.
package enum SysctlFormats {
  /// `ip_local_port_range`: `32768	60999`, two inclusive numbers and a tab or spaces between.
  ///
  /// Kernel: `ipv4_local_port_range` in `net/ipv4/sysctl_net_ipv4.c`.
  package static func portRange(_ bytes: borrowing Span<UInt8>) throws(FormatError) -> PortRange {
    var index = 0
    bytes.skipBlanks(&index)
    let start = index
    guard let first = bytes.port(&index) else {
      throw FormatError(bytes, at: start, field: "first port", expected: "a port number, 0 to 65535")
    }
    bytes.skipBlanks(&index)
    let second = index
    guard let last = bytes.port(&index) else {
      throw FormatError(bytes, at: second, field: "last port", expected: "a port number, 0 to 65535")
    }
    guard let range = PortRange(first: first, last: last) else {
      throw FormatError(bytes, at: second, field: "last port", expected: "a port not below the first (\(first))")
    }
    try expectEnd(bytes, index, "port range")
    return range
  }

  /// `ip_local_reserved_ports`: `1,2-4,10-10`; an empty line when nothing is reserved.
  ///
  /// Kernel: `proc_do_large_bitmap` in `kernel/sysctl.c`.
  package static func reservedPorts(_ bytes: borrowing Span<UInt8>) throws(FormatError) -> PortSet {
    var ports = PortSet()
    var index = 0
    bytes.skipBlanks(&index)
    guard index < bytes.count, bytes[index] != 0x0A else { return ports }
    while true {
      let start = index
      guard let first = bytes.port(&index) else {
        throw FormatError(bytes, at: start, field: "reserved port", expected: "a port number, 0 to 65535")
      }
      var last = first
      if index < bytes.count, bytes[index] == UInt8(ascii: "-") {
        index += 1
        let second = index
        guard let port = bytes.port(&index) else {
          throw FormatError(bytes, at: second, field: "reserved range", expected: "a port number, 0 to 65535")
        }
        last = port
      }
      guard let range = PortRange(first: first, last: last) else {
        throw FormatError(bytes, at: start, field: "reserved range", expected: "a last port not below the first")
      }
      ports.insert(range)
      guard index < bytes.count, bytes[index] == UInt8(ascii: ",") else { break }
      index += 1
    }
    try expectEnd(bytes, index, "reserved ports")
    return ports
  }

  /// A file with one number: `2`.
  package static func number(_ bytes: borrowing Span<UInt8>, field: String, upTo maximum: UInt64 = .max) throws(FormatError) -> UInt64 {
    var index = 0
    bytes.skipBlanks(&index)
    let start = index
    guard let value = bytes.decimal(&index), value <= maximum else {
      let expected = maximum == .max ? "a number" : "a number, 0 to \(maximum)"
      throw FormatError(bytes, at: start, field: field, expected: expected)
    }
    try expectEnd(bytes, index, field)
    return value
  }

  private static func expectEnd(_ bytes: borrowing Span<UInt8>, _ index: Int, _ field: String) throws(FormatError) {
    var index = index
    while index < bytes.count, bytes[index] <= 0x20, bytes[index] != 0 { index += 1 }
    guard index == bytes.count else {
      throw FormatError(bytes, at: index, field: field, expected: "nothing more")
    }
  }
}
