internal import Kernel
internal import KernelFormats
package import PortModel

extension ProcessUsage {
  /// Reads `/proc/self` and `/proc/stat`; `nil` where there is no process file system, as in some sandboxes.
  package static var current: ProcessUsage? {
    guard
      let stat = try? FileReader.value(of: "/proc/self/stat", { bytes throws(FormatError) in try ProcessStatFormat(bytes) }),
      let bootTime = try? FileReader.value(of: "/proc/stat", { bytes throws(FormatError) in try ProcessStatFormat.bootTime(bytes) }),
      let descriptors = try? Directory.names(in: "/proc/self/fd")
    else { return nil }
    let ticks = Double(ProcessLimits.ticksPerSecond)
    return ProcessUsage(
      cpuSeconds: Double(stat.cpuTicks) / ticks,
      residentBytes: stat.residentPages &* ProcessLimits.pageSize,
      virtualBytes: stat.virtualBytes,
      // The directory itself was open while it was read.
      openDescriptors: descriptors.count - 1,
      maximumDescriptors: ProcessLimits.descriptors,
      startTime: Double(bootTime) + Double(stat.startTicks) / ticks)
  }
}
