internal import Foundation
package import Testing

/// Rules of nftables in the namespace of the calling thread.
package enum PacketRules {
  /// Connections over TCP to `port` leave from a port of `range`, whatever they had: source address translation.
  package static func translate(port: UInt16, to range: ClosedRange<UInt16>) throws {
    try set(
      """
      table ip portpool {
        chain post {
          type nat hook postrouting priority srcnat;
          tcp dport \(port) snat to 127.0.0.1:\(range.lowerBound)-\(range.upperBound)
        }
      }
      """)
  }

  /// The same with a rule of iptables-legacy, which nf_tables does not know of.
  package static func translateByLegacy(port: UInt16, to range: ClosedRange<UInt16>) throws {
    let rule = "-t nat -A POSTROUTING -p tcp --dport \(port) -j SNAT --to-source 127.0.0.1:\(range.lowerBound)-\(range.upperBound)"
    let outcome = try ChildProgram.run("/usr/bin/env", ["iptables-legacy", "-w"] + rule.split(separator: " ").map(String.init))
    guard outcome.status == 0 else { throw PacketRulesError(outcome: outcome) }
  }

  /// Every packet is tracked, and nobody answers those to `udpPort`.
  package static func trackAndDrop(udpPort: UInt16) throws {
    try set(
      """
      table ip portpool {
        chain out {
          type filter hook output priority filter;
          ct state new accept
        }
        chain in {
          type filter hook input priority filter;
          udp dport \(udpPort) drop
        }
      }
      """)
  }

  /// Replaces all rules by these.
  package static func set(_ rules: String) throws {
    let outcome = try ChildProgram.run("/usr/bin/env", ["nft", "flush ruleset\n" + rules])
    guard outcome.status == 0 else { throw PacketRulesError(outcome: outcome) }
  }
}

package struct PacketRulesError: Error {
  package let outcome: Outcome

  package init(outcome: Outcome) { self.outcome = outcome }
}

extension Trait where Self == ConditionTrait {
  /// Skips a test, and says why, where there is no `nft`.
  package static var nftables: Self {
    .enabled(if: ["/usr/sbin/nft", "/sbin/nft"].contains { FileManager.default.isExecutableFile(atPath: $0) }, "needs nftables")
  }

  /// Skips a test, and says why, where there is no `iptables-legacy`, or no kernel that has its tables.
  package static var legacyTables: Self {
    .enabled(
      if: ["/usr/sbin/iptables-legacy", "/sbin/iptables-legacy"].contains {
        FileManager.default.isExecutableFile(atPath: $0)
          && (try? ChildProgram.run("/usr/bin/env", ["unshare", "--net", $0, "-t", "nat", "-L", "-n"]).status) == 0
      }, "needs iptables-legacy")
  }
}
