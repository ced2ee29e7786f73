internal import Kernel
internal import KernelFormats
internal import PortModel

extension PoolSettings {
  /// The settings that decide, as files below `/proc/sys/net/ipv4`.
  static let sysctls = [
    "ip_local_port_range", "ip_local_reserved_ports", "tcp_tw_reuse", "tcp_tw_reuse_delay", "tcp_timestamps", "../ipv6/bindv6only",
    "ip_local_port_step_width",
  ]

  /// Reads the settings of the calling thread's namespace.
  init(reading proc: ProcFileSystem) throws(ReadError) {
    try self.init(subject: proc.sysctl) { name throws(SystemCallError) in try Sysctl.bytes(of: proc.sysctl(name)) }
  }

  /// Reads the settings through `read`, which returns `nil` for what this kernel does not have.
  ///
  /// Only `ip_local_port_range` must be there. For what is missing otherwise, the pool is what it is under a kernel without that file, and never
  /// larger.
  ///
  /// - Parameter subject: the path of a setting, for errors.
  init(
    subject: (_ name: String) -> String, reading read: (_ name: String) throws(SystemCallError) -> [UInt8]?
  ) throws(ReadError) {
    func value<Value>(
      _ name: String, _ parse: (borrowing Span<UInt8>) throws(FormatError) -> Value
    ) throws(ReadError) -> Value? {
      guard let bytes = try ReadError.wrapping(try read(name)) else { return nil }
      return try ReadError.naming(subject(name), bytes, parse)
    }
    func number(_ name: String, upTo maximum: UInt64) throws(ReadError) -> UInt64? {
      try value(name) { bytes throws(FormatError) in try SysctlFormats.number(bytes, field: name, upTo: maximum) }
    }
    let rangeName = Self.sysctls[0]
    let range = try value(rangeName) { bytes throws(FormatError) in try SysctlFormats.portRange(bytes) }
    guard let range else { throw .systemCall(.noSuchFile(subject(rangeName))) }
    let reserved = try value(Self.sysctls[1]) { bytes throws(FormatError) in try SysctlFormats.reservedPorts(bytes) }
    let mode = try number(Self.sysctls[2], upTo: 255) ?? 0
    let delay = try number(Self.sysctls[3], upTo: UInt64(UInt32.max)) ?? 1000
    let timestamps = try number(Self.sysctls[4], upTo: 255) ?? 0
    let isIPv6Only = try number(Self.sysctls[5], upTo: 255) ?? 0
    let stepWidth = try number(Self.sysctls[6], upTo: UInt64(UInt32.max)) ?? 0
    self.init(
      range: range, reserved: reserved ?? PortSet(),
      timeWaitReuse: TimeWaitReuse(mode: TimeWaitReuse.Mode(rawValue: UInt8(mode)), delay: UInt32(delay), hasTimestamps: timestamps != 0),
      isIPv6OnlyByDefault: isIPv6Only != 0, stepWidth: UInt32(stepWidth))
  }
}
