import KernelFormats
import PortModel

extension FuzzTarget {
  /// What is read from a file below `/proc/sys/net/ipv4` and written as the kernel writes it is read again as the same.
  static let sysctls: [FuzzTarget] = [
    FuzzTarget(name: "port-range") { bytes in
      guard let range = Parsed({ () throws(FormatError) in try SysctlFormats.portRange(bytes.span) }).value else { return }
      require(range.first <= range.last, "\(range)")
      let again = Array("\(range.first)\t\(range.last)\n".utf8)
      require(Parsed { () throws(FormatError) in try SysctlFormats.portRange(again.span) } == .value(range), "\(range)")
    },
    FuzzTarget(name: "reserved-ports") { bytes in
      guard let ports = Parsed({ () throws(FormatError) in try SysctlFormats.reservedPorts(bytes.span) }).value else { return }
      let ranges = ports.ranges
      require(ranges.map { Int($0.last) - Int($0.first) + 1 }.reduce(0, +) == ports.count, "ranges \(ranges) of \(ports.count) ports")
      let again = Array((ranges.map { "\($0.first)-\($0.last)" }.joined(separator: ",") + "\n").utf8)
      require(Parsed { () throws(FormatError) in try SysctlFormats.reservedPorts(again.span) } == .value(ports), "\(ranges)")
    },
    FuzzTarget(name: "sysctl-number") { bytes in
      guard let number = Parsed({ () throws(FormatError) in try SysctlFormats.number(bytes.span, field: "mode") }).value else { return }
      let again = Array("\(number)\n".utf8)
      require(Parsed { () throws(FormatError) in try SysctlFormats.number(again.span, field: "mode") } == .value(number), "\(number)")
    },
  ]
}
