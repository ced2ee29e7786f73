import KernelFormats
import PortModel

extension FuzzTarget {
  /// The connection tracking table over netlink and from `/proc`, and the rules of address translation, old and new. Questions have sequence number 7.
  static let netfilter: [FuzzTarget] = [
    FuzzTarget(name: "ctnetlink") { bytes in
      var decoder = ConntrackDecoder(sequence: 7)
      var count = 0
      do throws(FormatError) {
        let progress = try decoder.decode(bytes.span) { entry in
          count += 1
          check(entry)
        }
        if case .refused(let number) = progress { require(number > 0, "refused with \(number)") }
      } catch {
        require(error.column > 0 && error.column <= bytes.count + 1, "an error outside of the message: \(error)")
      }
      require((count + decoder.incomplete) * 20 <= bytes.count, "\(count) entries in \(bytes.count) bytes")
    },
    FuzzTarget(name: "proc-net-nf-conntrack") { bytes in
      let table = Reading<TrackedConnection>.whole(bytes) {
        var parser = ConntrackTableParser()
        return { unread, isLast, found throws(FormatError) in try parser.parse(unread, isLast: isLast, found) }
      }
      for entry in table.entries {
        check(entry)
        require(!entry.hasFixedTimeout, "a fixed timeout, which does not show: \(entry)")
      }
    },
    FuzzTarget(name: "nf-tables-rules") { bytes in
      var decoder = TranslationRulesDecoder(sequence: 7)
      var pools: Set<SnatPool> = []
      do throws(FormatError) {
        _ = try decoder.decode(bytes.span, into: &pools)
      } catch {
        require(error.column > 0, "an error without a place: \(error)")
      }
      for pool in pools { check(pool) }
    },
    FuzzTarget(name: "iptables-legacy") { bytes in
      for family in AddressFamily.allCases {
        do throws(FormatError) {
          let pools = try LegacyRulesFormat.pools(bytes.span, family: family)
          require(pools.count * 144 <= bytes.count, "\(pools.count) pools in \(bytes.count) bytes")
          for pool in pools {
            check(pool)
            require(pool.family == family, "a pool of the other family: \(pool)")
          }
        } catch {
          require(error.column > 0 && error.column <= bytes.count + 1, "an error outside of the table: \(error)")
        }
      }
    },
  ]

  private static func check(_ pool: SnatPool) {
    require(pool.origin == .rules, "a pool that no rule has: \(pool)")
    require(pool.addresses.map { $0.lowerBound.family == $0.upperBound.family } ?? true, "addresses of two families: \(pool)")
  }

  private static func check(_ entry: TrackedConnection) {
    require(!entry.isClosing || entry.transport == .tcp && entry.isSourceTranslated, "closing and not translated: \(entry)")
    if entry.transport == .other { require(entry.original.sourcePort == 0, "a port without a protocol that has any: \(entry)") }
  }
}
