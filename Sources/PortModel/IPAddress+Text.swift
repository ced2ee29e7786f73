extension IPAddress: CustomStringConvertible {
  /// `10.0.0.9` for IPv4, mapped or not; RFC 5952 text for IPv6: `2001:db8::1`.
  package var description: String {
    isIPv4 ? Self.text(ipv4: UInt32(truncatingIfNeeded: low)) : textIPv6
  }

  /// The address of a peer together with a port: `10.0.0.9:5432`, `[2001:db8::1]:5432`.
  package func description(port: Port) -> String {
    isIPv4 ? "\(self):\(port)" : "[\(self)]:\(port)"
  }

  private static func text(ipv4 address: UInt32) -> String {
    "\(address >> 24).\(address >> 16 & 255).\(address >> 8 & 255).\(address & 255)"
  }

  private func group(_ index: Int) -> UInt64 {
    (index < 4 ? high : low) >> UInt64(48 - index % 4 * 16) & 0xFFFF
  }

  private var textIPv6: String {
    // RFC 5952 § 4.2: the longest run of two or more zero groups, the first of equals, becomes "::".
    var (best, bestLength, start) = (-1, 1, 0)
    for index in 0...8 where index == 8 || group(index) != 0 {
      if index - start > bestLength { (best, bestLength) = (start, index - start) }
      start = index + 1
    }
    var text = ""
    var index = 0
    while index < 8 {
      if index == best {
        text += "::"
        index += bestLength
        continue
      }
      if !text.isEmpty && !text.hasSuffix(":") { text += ":" }
      text += String(group(index), radix: 16)
      index += 1
    }
    return text
  }
}

extension IPAddress {
  /// Reads `10.0.0.9` or `2001:db8::1`, without brackets, zone or prefix length; `nil` for anything else (RFC 4291 § 2.2).
  package init?(_ text: some StringProtocol) {
    if text.contains(":") {
      self.init(ipv6Text: text)
    } else {
      guard let address = Self.number(ipv4: text) else { return nil }
      self.init(ipv4: address)
    }
  }

  private static func number(ipv4 text: some StringProtocol) -> UInt32? {
    let parts = text.split(separator: "." as Character, omittingEmptySubsequences: false)
    guard parts.count == 4 else { return nil }
    var address: UInt32 = 0
    for part in parts {
      // A leading zero is octal to some programs: not an address here, as in inet_pton.
      guard let byte = UInt8(part), part.utf8.allSatisfy({ 48...57 ~= $0 }), part.first != "0" || part.utf8.count == 1 else {
        return nil
      }
      address = address << 8 | UInt32(byte)
    }
    return address
  }

  private init?(ipv6Text text: some StringProtocol) {
    // "::" stands once at most, for the zero groups that are missing.
    let bytes = Array(text.utf8)
    let colon = UInt8(ascii: ":")
    let gap = bytes.indices.dropLast().first { bytes[$0] == colon && bytes[$0 + 1] == colon }
    guard
      let leading = Self.groups(bytes[..<(gap ?? bytes.endIndex)], isEnd: gap == nil),
      let trailing = Self.groups(bytes[((gap ?? bytes.endIndex - 2) + 2)...], isEnd: true)
    else { return nil }
    let missing = 8 - leading.count - trailing.count
    guard gap == nil ? missing == 0 : missing > 0 else { return nil }
    let groups = leading + [UInt16](repeating: 0, count: missing) + trailing
    let halves = (0..<2).map { half in groups[half * 4..<half * 4 + 4].reduce(UInt64(0)) { $0 << 16 | UInt64($1) } }
    self.init(high: halves[0], low: halves[1])
  }

  /// The groups of `2001:db8:1`; the last one may be an IPv4 address when nothing follows (`ffff:10.0.0.9`).
  private static func groups(_ bytes: ArraySlice<UInt8>, isEnd: Bool) -> [UInt16]? {
    if bytes.isEmpty { return [] }
    var groups: [UInt16] = []
    let parts = bytes.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false).map { String(decoding: $0, as: UTF8.self) }
    for (index, part) in parts.enumerated() {
      if isEnd, index == parts.count - 1, part.contains(".") {
        guard let address = number(ipv4: part) else { return nil }
        groups += [UInt16(address >> 16), UInt16(truncatingIfNeeded: address)]
      } else {
        guard part.utf8.count <= 4, part.first != "+", part.first != "-", let group = UInt16(part, radix: 16) else { return nil }
        groups.append(group)
      }
    }
    return groups
  }
}
