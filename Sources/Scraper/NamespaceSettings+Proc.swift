package import Kernel
internal import KernelFormats
package import PortModel

extension NamespaceSettings {
  /// Reads the settings of the calling thread's namespace and the addresses of `proc`'s.
  ///
  /// Only `ip_local_port_range` must be there. What is missing otherwise is taken as the kernel without that file behaves, and never as more headroom.
  package init(reading proc: ProcFileSystem) throws(ReadError) {
    let rangePath = proc.sysctl("ip_local_port_range")
    let rangeBytes = try FileReader.required(rangePath)
    let range: PortRange
    do { range = try SysctlFormats.portRange(rangeBytes.span) } catch { throw ReadError(error, in: rangePath) }
    let reservedPath = proc.sysctl("ip_local_reserved_ports")
    let reserved = try Self.parse(reservedPath, FileReader.optional(reservedPath, limit: 1 << 20)) { bytes throws(FormatError) in
      try SysctlFormats.reservedPorts(bytes)
    }
    let mode = try Self.number(proc, "tcp_tw_reuse", upTo: 255) ?? 0
    let delay = try Self.number(proc, "tcp_tw_reuse_delay", upTo: UInt64(UInt32.max)) ?? 1000
    let timestamps = try Self.number(proc, "tcp_timestamps", upTo: 255) ?? 0
    pool = PoolSettings(
      range: range, reserved: reserved ?? PortSet(),
      timeWaitReuse: TimeWaitReuse(
        mode: TimeWaitReuse.Mode(rawValue: UInt8(mode)), delay: UInt32(delay), hasTimestamps: timestamps != 0))
    localAddresses = try Self.addresses(proc)
  }

  /// The addresses of the namespace that `proc` shows, which may be another process's; nothing else of it can be read from outside.
  package static func addresses(_ proc: ProcFileSystem) throws(ReadError) -> Set<IPAddress> {
    let triePath = proc.net("fib_trie")
    let trie = try parse(triePath, FileReader.optional(triePath, limit: 64 << 20)) { bytes throws(FormatError) in
      try LocalAddressFormats.routesIPv4(bytes)
    }
    let interfacesPath = proc.net("if_inet6")
    let interfaces = try parse(interfacesPath, FileReader.optional(interfacesPath, limit: 16 << 20)) { bytes throws(FormatError) in
      try LocalAddressFormats.interfacesIPv6(bytes)
    }
    return (trie ?? []).union(interfaces ?? [])
  }

  private static func number(_ proc: ProcFileSystem, _ name: String, upTo maximum: UInt64) throws(ReadError) -> UInt64? {
    let path = proc.sysctl(name)
    return try parse(path, FileReader.optional(path, limit: 4096)) { bytes throws(FormatError) in
      try SysctlFormats.number(bytes, field: name, upTo: maximum)
    }
  }

  private static func parse<Value>(
    _ path: String, _ bytes: [UInt8]?, _ parser: (borrowing Span<UInt8>) throws(FormatError) -> Value
  ) throws(ReadError) -> Value? {
    guard let bytes else { return nil }
    do { return try parser(bytes.span) } catch { throw ReadError(error, in: path) }
  }
}

extension FileReader {
  fileprivate static func required(_ path: String) throws(ReadError) -> [UInt8] {
    do { return try bytes(of: path) } catch { throw .systemCall(error) }
  }

  fileprivate static func optional(_ path: String, limit: Int) throws(ReadError) -> [UInt8]? {
    do { return try bytesIfPresent(of: path, limit: limit) } catch { throw .systemCall(error) }
  }
}
