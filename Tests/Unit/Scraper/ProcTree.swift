import Foundation
import Kernel
import PortModel
import Scraper

/// A process file system in a temporary directory, with what a test writes into it. It goes with the test.
final class ProcTree: Sendable {
  let root: URL

  static let tcpHeader =
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode                               \n"
  static let udpHeader =
    "   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops            \n"

  /// A tree with these settings, four tables and the addresses 127.0.0.1, 192.0.2.10, ::1 and 2001:db8::5.
  init(
    range: String = "40000\t40099\n", reserved: String = "\n", reuse: String = "2\n", timestamps: String = "1\n", tcp: [SocketLine] = [],
    udp: [SocketLine] = []
  ) throws {
    root = FileManager.default.temporaryDirectory.appending(path: "portpool-test-\(UUID().uuidString)")
    try write("sys/net/ipv4/ip_local_port_range", range)
    try write("sys/net/ipv4/ip_local_reserved_ports", reserved)
    try write("sys/net/ipv4/tcp_tw_reuse", reuse)
    try write("sys/net/ipv4/tcp_timestamps", timestamps)
    try write("net/fib_trie", "Main:\n  |-- 127.0.0.1\n     /32 host LOCAL\n  |-- 192.0.2.10\n     /32 host LOCAL\n")
    try write(
      "net/if_inet6",
      "00000000000000000000000000000001 01 80 10 80       lo\n20010db8000000000000000000000005 02 40 00 80     eth0\n")
    try write(tcp: tcp)
    try write(udp: udp)
  }

  deinit { try? FileManager.default.removeItem(at: root) }

  var path: String { root.path(percentEncoded: false) }

  func write(_ file: String, _ text: String) throws {
    let url = root.appending(path: file)
    try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: url)
  }

  /// Writes `tcp` and `tcp6`, listeners first as the kernel does.
  func write(tcp lines: [SocketLine]) throws {
    try write(tcpInOrder: lines.filter { $0.state == .listen } + lines.filter { $0.state != .listen })
  }

  /// Writes `tcp` and `tcp6` with their lines in this order.
  func write(tcpInOrder lines: [SocketLine]) throws {
    try write("net/tcp", Self.table(Self.tcpHeader, lines.filter { !$0.isIPv6 }))
    try write("net/tcp6", Self.table(Self.tcpHeader, lines.filter(\.isIPv6)))
  }

  func write(udp lines: [SocketLine]) throws {
    try write("net/udp", Self.table(Self.udpHeader, lines.filter { !$0.isIPv6 }))
    try write("net/udp6", Self.table(Self.udpHeader, lines.filter(\.isIPv6)))
  }

  static func table(_ header: String, _ lines: [SocketLine]) -> String {
    header + lines.enumerated().map { $1.text(slot: $0) }.joined()
  }

  func remove(_ file: String) throws { try FileManager.default.removeItem(at: root.appending(path: file)) }

  /// Puts a directory where a file should be: even root cannot read that.
  func makeUnreadable(_ file: String) throws {
    try remove(file)
    try FileManager.default.createDirectory(at: root.appending(path: file), withIntermediateDirectories: true)
  }

  func scraper(tuples: Int? = nil, ranges: [NamedRange] = []) -> PoolScraper {
    PoolScraper(ScraperConfiguration(proc: ProcFileSystem(root: path), namedRanges: ranges, tupleLimit: tuples))
  }

  /// The tree's only namespace.
  func snapshot(
    _ collectors: Set<CollectorName> = CollectorName.defaults, tuples: Int? = nil, ranges: [NamedRange] = []
  ) -> NamespaceSnapshot {
    scraper(tuples: tuples, ranges: ranges).snapshot(collectors).namespaces[0]
  }

  /// What the TCP sockets leave of the pool.
  func tcp(tuples: Int? = nil) throws -> TCPPressure {
    let snapshot = snapshot(tuples: tuples)
    guard let pressure = snapshot.tcp?.pressure else { throw NothingRead(problems: snapshot.outcomes.compactMap(\.problem)) }
    return pressure
  }

  /// What the UDP sockets leave of the pool.
  func udp() throws -> UDPPressure {
    let snapshot = snapshot()
    guard let pressure = snapshot.udp?.pressure else { throw NothingRead(problems: snapshot.outcomes.compactMap(\.problem)) }
    return pressure
  }
}

/// A snapshot has no pool where a test needs one.
struct NothingRead: Error {
  let problems: [String]
}
