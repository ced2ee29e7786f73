import Exposition
import KernelFormats

/// What the benchmarks read: text of the kernel's own form, made up.
enum Inputs {
  /// A socket table of established connections from the pool to one peer.
  static func socketTable(_ format: SocketTableFormat, lines: Int) -> [UInt8] {
    let address = format.isIPv6 ? "0000000000000000FFFF00000100007F" : "0100007F"
    var text = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
    for line in 0..<lines {
      text += "\(padded(String(line), 4)): \(address):\(hexadecimal(32768 + line)) \(address):1F90 01 00000000:00000000 00:00000000"
      text += " 00000000  1000        0 \(100_000 + line) 1 0000000000000000 20 0 0 10 -1                      \n"
    }
    return Array(text.utf8)
  }

  /// One datagram of inet_diag's answer to question 1: established connections, each with the attributes that the kernel adds unasked.
  static func inetDiag(sockets: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    for socket in 0..<sockets {
      let port = UInt16(32768 + socket)
      bytes += number(UInt32(100)) + number(UInt16(18)) + number(UInt16(2)) + number(UInt32(1)) + number(UInt32(4242))
      bytes += [2, 1, 0, 0, UInt8(port >> 8), UInt8(port & 0xFF), 0x1F, 0x90]
      bytes += [127, 0, 0, 1] + zeros(12) + [127, 0, 0, 1] + zeros(12) + zeros(12)
      bytes += zeros(12) + number(UInt32(1000)) + number(UInt32(100_000 + socket))
      bytes += number(UInt16(12)) + number(UInt16(21)) + zeros(8)
    }
    return bytes
  }

  static let sockstat = Array("sockets: used 290\nTCP: inuse 41 orphan 0 tw 12 alloc 45 mem 3\nUDP: inuse 3 mem 0\n".utf8)

  static let processStat = Array("1234 (postgres) S 1 1234 1234 0 -1 4194560\(String(repeating: " 7", count: 43))\n".utf8)

  static let descriptor = Array(
    "pos:\t0\nprog_type:\t26\nprog_tag:\t0123456789abcdef\nrun_cnt:\t0\nrecursion_misses:\t312\nverified_insns:\t1043\n".utf8)

  static let controlGroup = Array(
    "0::/kubepods.slice/kubepods-burstable.slice/cri-containerd-\(String(repeating: "3f", count: 32)).scope\n".utf8)

  static func services(lines: Int) -> [UInt8] {
    Array((0..<lines).map { "service\($0)\t\t\($0 + 1)/tcp\t\talias\($0)\t# a comment\n" }.joined().utf8)
  }

  static func passwd(lines: Int) -> [UInt8] {
    Array((0..<lines).map { "user\($0):x:\($0):\($0)::/home/user\($0):/bin/sh\n" }.joined().utf8)
  }

  static func reservedPorts(ranges: Int) -> [UInt8] {
    Array(((0..<ranges).map { "\(40000 + 20 * $0)-\(40009 + 20 * $0)" }.joined(separator: ",") + "\n").utf8)
  }

  static func fibTrie(addresses: Int) -> [UInt8] {
    Array((0..<addresses).map { "           |-- 10.0.\($0 / 250).\($0 % 250)\n              /32 host LOCAL\n" }.joined().utf8)
  }

  static func interfacesIPv6(addresses: Int) -> [UInt8] {
    Array((0..<addresses).map { "20010db8000000000000000000\("00" + hexadecimal($0)) 02 40 20 80     eth0\n" }.joined().utf8)
  }

  static let accept =
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,"
    + "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2"

  static func metrics(series: Int) -> MetricSet {
    let descriptor = MetricDescriptor("portpool_sockets", labels: ["netns", "state"], help: "Sockets by state.")
    var set = MetricSet()
    for number in 0..<series { set.add(descriptor, "host", "state \(number)", value: number * number) }
    return set
  }

  private static func number(_ value: some FixedWidthInteger) -> [UInt8] {
    (0..<value.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
  }

  private static func zeros(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: count) }

  private static func padded(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.utf8.count)) + text
  }

  private static func hexadecimal(_ number: Int) -> String {
    let digits = String(number, radix: 16, uppercase: true)
    return String(repeating: "0", count: max(0, 4 - digits.utf8.count)) + digits
  }
}
