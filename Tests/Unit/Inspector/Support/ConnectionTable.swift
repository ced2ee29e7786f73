import Foundation
import PortModel
import TestSupport
import Testing

/// The table of connection tracking, whose limit all namespaces of the host share.
enum ConnectionTable {
  private static let path = "/proc/sys/net/netfilter/nf_conntrack_max"

  static var limit: Int? {
    (try? String(contentsOfFile: path, encoding: .utf8)).flatMap { Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
  }

  /// Only the first namespace of a host may raise the limit, and a table that is far larger than usual takes too long to fill.
  static var isRaisable: Bool { FileManager.default.isWritableFile(atPath: path) && (1...300_000).contains(limit ?? 0) }

  /// Waits until no other test on this host changes the limit; the turn ends when it is closed, or with the process. All share the first network
  /// namespace, and with it the names of its sockets, whatever they see of the file system.
  static func turn() async throws -> TestSocket {
    try await DetachedThread.run {
      var turn: TestSocket?
      try Until.holds(seconds: 300) {
        turn = try? TestSocket.unixReceiver("@portpool-tests nf_conntrack_max")
        return turn != nil
      }
      return try #require(turn)
    }
  }

  /// `sysctl -w` as a finding has it, outside of the namespace that the calling thread may be in.
  static func set(_ limit: Int) throws {
    let outcome = try ChildProgram.run(
      "/usr/bin/env", ["nsenter", "--net=/proc/\(getpid())/ns/net", "sysctl", "-qw", "net.netfilter.nf_conntrack_max=\(limit)"])
    guard outcome.status == 0 else { throw PacketRulesError(outcome: outcome) }
  }

  /// Starts a program that opens more flows than fit, and then goes on to open new ones for as long as it lives.
  static func fill(beyond limit: Int) throws -> ChildProgram {
    let script = """
      import socket, sys, time
      sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
      number = 0
      def send(count):
          global number
          for _ in range(count):
              number += 1
              sender.sendto(b"x", (f"127.{number >> 14 & 255}.{number >> 7 & 127}.{(number & 127) + 1}", 7))
      send(\(limit + 5000))
      print("full", flush=True)
      while number < 2_000_000:
          send(50)
          time.sleep(0.02)
      """
    let sender = try ChildProgram("python3", ["-c", script])
    try sender.waitUntilItSays("full", seconds: 120)
    return sender
  }
}

extension Trait where Self == ConditionTrait {
  /// Skips a test, and says why, where the limit of connection tracking cannot be raised.
  static var raisableTable: Self {
    .enabled(if: ConnectionTable.isRaisable, "needs to be in the host's first network namespace: nf_conntrack_max")
  }
}
