package import PortModel

/// Reads what the rules of an iptables-legacy table translate sources to.
///
/// Entry follows entry. Each has what packets it is for at its beginning, and at `target_offset` what becomes of them:
///
/// ```
/// -A POSTROUTING -p tcp -j MASQUERADE --to-ports 40000-40099    protocol 6, a target of that name, and a range in its structure
/// ```
/// Every rule counts, as those of nf_tables do (``TranslationRulesDecoder``).
///
/// Kernel: `struct ipt_entry`, `struct ip6t_entry`, `struct xt_entry_target`, as 64-bit kernels have them.
package enum LegacyRulesFormat {
  /// - Throws: an entry or a target that is longer than there is room for it, by the number of its rule and its place.
  package static func pools(_ entries: borrowing Span<UInt8>, family: AddressFamily) throws(FormatError) -> Set<SnatPool> {
    let layout = Layout(family)
    var (pools, start, number): (Set<SnatPool>, Int, Int) = ([], 0, 0)
    while start < entries.count {
      number += 1
      func error(_ field: String, _ place: Int, _ found: Int) -> FormatError {
        FormatError(
          source: family == .ipv4 ? "iptables" : "ip6tables", line: number, column: place + 1, field: field,
          expected: "a length that the table has room for", found: "\(found)")
      }
      let room = entries.count - start
      guard room >= layout.size else { throw error("entry", start, room) }
      let offsets = start + layout.offsets
      let (target, next) = (Int(entries.load16(offsets)), Int(entries.load16(offsets + 2)))
      guard next >= layout.size + Self.targetHeader, next <= room else { throw error("next_offset", offsets + 2, next) }
      guard target >= layout.size, target + Self.targetHeader <= next else { throw error("target_offset", offsets, target) }
      let place = start + target
      let size = Int(entries.load16(place))
      guard size >= Self.targetHeader, target + size <= next else { throw error("target_size", place, size) }
      if ["SNAT", "MASQUERADE"].contains(entries.name(place + 2..<place + 31)) {
        let information = place + Self.targetHeader..<place + size
        if let pool = SnatPool(target: entries, information, family: family, transports: layout.transports(entries, start)) {
          pools.insert(pool)
        }
      }
      start += next
    }
    return pools
  }

  /// `struct xt_entry_target`: size, name and revision.
  private static let targetHeader = 32

  /// Where the fields of an entry are.
  private struct Layout {
    let family: AddressFamily
    /// Of an entry without matches and target.
    let size: Int
    /// Of `target_offset`, with `next_offset` behind it.
    let offsets: Int

    init(_ family: AddressFamily) {
      self.family = family
      (size, offsets) = family == .ipv4 ? (112, 88) : (168, 140)
    }

    /// The protocols that an entry is for; empty for all.
    func transports(_ bytes: borrowing Span<UInt8>, _ start: Int) -> Set<TrackedProtocol> {
      let (number, inverted) =
        family == .ipv4
        ? (bytes.load16(start + 80), bytes[start + 83])
        : (bytes[start + 131] & 1 == 0 ? 0 : bytes.load16(start + 128), bytes[start + 132])
      // IPT_INV_PROTO
      let isInverted = inverted & 0x40 != 0
      guard number != 0 else { return [] }
      let named = TrackedProtocol(number: UInt8(truncatingIfNeeded: number))
      return isInverted ? Set(TrackedProtocol.allCases).subtracting([named]) : [named]
    }
  }
}
