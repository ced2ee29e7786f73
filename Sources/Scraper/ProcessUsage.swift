internal import Kernel
internal import KernelFormats

/// What this process costs the host: the source of the `process_*` metrics.
package struct ProcessUsage: Sendable, Hashable {
  package let cpuSeconds: Double
  package let residentBytes: UInt64
  package let virtualBytes: UInt64
  package let openDescriptors: Int
  package let maximumDescriptors: UInt64
  /// Seconds since 1970.
  package let startTime: Double

  /// Reads `/proc/self` and `/proc/stat`; `nil` where there is no process file system, as in some sandboxes.
  package static var current: ProcessUsage? {
    guard
      let statBytes = try? FileReader.bytes(of: "/proc/self/stat"), let stat = try? ProcessStatFormat(statBytes.span),
      let systemBytes = try? FileReader.bytes(of: "/proc/stat"), let bootTime = try? ProcessStatFormat.bootTime(systemBytes.span),
      let descriptors = try? Directory.names(in: "/proc/self/fd")
    else { return nil }
    let ticks = Double(ProcessLimits.ticksPerSecond)
    return ProcessUsage(
      cpuSeconds: Double(stat.cpuTicks) / ticks,
      residentBytes: stat.residentPages * ProcessLimits.pageSize,
      virtualBytes: stat.virtualBytes,
      // The directory itself was open while it was read.
      openDescriptors: descriptors.count - 1,
      maximumDescriptors: ProcessLimits.descriptors,
      startTime: Double(bootTime) + Double(stat.startTicks) / ticks)
  }
}
