internal import Kernel
internal import KernelFormats
internal import PortModel

/// What a namespace's own addresses say about `EADDRNOTAVAIL`: whether there are any, and whether `bind()` takes others.
package struct SourceAddresses: Sendable, Hashable {
  /// Addresses in `/proc/net/if_inet6`, `::1` included; `nil` where the kernel has no IPv6 or does not tell.
  package let ipv6Count: Int?
  /// `net.ipv4.ip_nonlocal_bind`: `bind()` takes addresses that this host does not have. `nil` where the kernel does not tell.
  package let allowsNonlocalBind: Bool?

  package init(ipv6Count: Int?, allowsNonlocalBind: Bool?) {
    self.ipv6Count = ipv6Count
    self.allowsNonlocalBind = allowsNonlocalBind
  }

  init(reading proc: ProcFileSystem) throws(ReadError) {
    let (interfaces, bind) = (proc.net("if_inet6"), proc.sysctl("ip_nonlocal_bind"))
    var count: Int?
    if let bytes = try Self.bytes(of: interfaces) {
      do { count = try LocalAddressFormats.interfacesIPv6(bytes.span).count } catch { throw ReadError(error, in: interfaces) }
    }
    var isAllowed: Bool?
    if let bytes = try Self.bytes(of: bind) {
      do { isAllowed = try SysctlFormats.number(bytes.span, field: "value") != 0 } catch { throw ReadError(error, in: bind) }
    }
    self.init(ipv6Count: count, allowsNonlocalBind: isAllowed)
  }

  private static func bytes(of path: String) throws(ReadError) -> [UInt8]? {
    do { return try FileReader.bytesIfPresent(of: path, limit: 16 << 20) } catch { throw .systemCall(error) }
  }
}

extension Evidence {
  /// What makes `connect()` and `bind()` fail as an exhausted pool does, without one. They are facts, not findings: most hosts without IPv6
  /// want none.
  ///
  /// Kernel: `ipv6_dev_get_saddr` in `net/ipv6/addrconf.c`, `__inet_bind` in `net/ipv4/af_inet.c`. A missing route is `ENETUNREACH`.
  package var addressFacts: [String] {
    guard let sourceAddresses else { return [] }
    var facts: [String] = []
    if sourceAddresses.ipv6Count == 0 {
      facts.append(
        "IPv6 is on but has no address, not even ::1: every connect() over IPv6 fails with EADDRNOTAVAIL (\"Cannot assign requested address\"), and that is not the pool"
      )
    }
    let isLeft = namespace.pools.filter { $0.id == .connectIPv4 || $0.id == .connectIPv6 }.allSatisfy { $0.headroom > 0 }
    if isLeft, sourceAddresses.allowsNonlocalBind == false {
      facts.append(
        "EADDRNOTAVAIL while ports are left is not the pool: bind() to a source address that this host does not have fails with it too (ip_nonlocal_bind is 0)"
      )
    }
    return facts
  }
}
