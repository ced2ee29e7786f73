internal import PortModel

/// Asks nfnetlink for every entry of the connection tracking table, of both families.
///
/// No filter: one by status would leave out the gateway's own connections, which hold ports too, and `CTA_FILTER` on an IPv6 address returns what does
/// *not* match (Linux 6.18).
///
/// Kernel: `ctnetlink_dump_table` in `net/netfilter/nf_conntrack_netlink.c`.
package enum ConntrackRequest {
  /// The message, header included: `struct nfgenmsg` with everything 0.
  package static func encoded(sequence: UInt32) -> [UInt8] {
    Netlink.request(getType, sequence: sequence, Netfilter.body)
  }

  /// `NFNL_SUBSYS_CTNETLINK`, `IPCTNL_MSG_CT_GET`
  private static let getType: UInt16 = 0x101
  /// `IPCTNL_MSG_CT_NEW`
  static let newType: UInt16 = 0x100
}

/// What all of nfnetlink has in common. Kernel: `include/uapi/linux/netfilter/nfnetlink.h`.
enum Netfilter {
  /// `struct nfgenmsg`: family, version, and a number in two bytes.
  static let bodySize = 4
  /// All families.
  static let body = [UInt8](repeating: 0, count: bodySize)
}
