internal import CLinux
internal import Glibc

/// Asks for the rules of iptables-legacy, which are kept in tables of their own, in the namespace of the thread that opened it.
///
/// Takes CAP_NET_ADMIN. A table that no one has used yet comes to be by being asked for, so that only those of `/proc/net/ip_tables_names` are.
///
/// The corresponding C function is `getsockopt`. Kernel: `do_ipt_get_ctl` in `net/ipv4/netfilter/ip_tables.c`, `do_ip6t_get_ctl` for IPv6.
package struct RuleTableSocket: ~Copyable {
  private let descriptor: FileDescriptor
  private let level: Int32
  private let name: String

  package init(isIPv6: Bool) throws(SystemCallError) {
    name = isIPv6 ? "ip6tables" : "iptables"
    level = isIPv6 ? Int32(IPPROTO_IPV6) : Int32(IPPROTO_IP)
    let rawValue = socket(isIPv6 ? AF_INET6 : AF_INET, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard rawValue >= 0 else { throw .last("socket", name) }
    descriptor = FileDescriptor(owning: rawValue)
  }

  /// `IPT_SO_GET_INFO`: `struct ipt_getinfo` of a table, whose last four bytes are the size of its entries.
  package func information(of table: String) throws(SystemCallError) -> [UInt8] {
    try get(64, Self.field(table) + [UInt8](repeating: 0, count: 52))
  }

  /// `IPT_SO_GET_ENTRIES`: the entries of a table, one after the other.
  ///
  /// - Parameter information: what ``information(of:)`` said of it; `EAGAIN` if its size is another one by now.
  package func entries(of table: String, _ information: [UInt8]) throws(SystemCallError) -> [UInt8] {
    let head = Self.field(table) + information.suffix(4) + [0, 0, 0, 0]
    let size = information.suffix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
    return Array(try get(65, head + [UInt8](repeating: 0, count: size)).dropFirst(head.count))
  }

  private func get(_ option: Int32, _ question: [UInt8]) throws(SystemCallError) -> [UInt8] {
    var (bytes, length) = (question, socklen_t(question.count))
    let result = unsafe bytes.withUnsafeMutableBytes { unsafe getsockopt(descriptor.rawValue, level, option, $0.baseAddress, &length) }
    guard result == 0 else { throw .last("getsockopt", name) }
    return bytes
  }

  /// The table's name in 32 bytes.
  private static func field(_ table: String) -> [UInt8] {
    let name = Array(table.utf8.prefix(31))
    return name + [UInt8](repeating: 0, count: 32 - name.count)
  }
}
