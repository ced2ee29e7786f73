/// What this process costs the host: the source of the `process_*` metrics.
package struct ProcessUsage: Sendable, Hashable {
  package let cpuSeconds: Double
  package let residentBytes: UInt64
  package let virtualBytes: UInt64
  package let openDescriptors: Int
  package let maximumDescriptors: UInt64
  /// Seconds since 1970.
  package let startTime: Double

  package init(
    cpuSeconds: Double, residentBytes: UInt64, virtualBytes: UInt64, openDescriptors: Int, maximumDescriptors: UInt64, startTime: Double
  ) {
    self.cpuSeconds = cpuSeconds
    self.residentBytes = residentBytes
    self.virtualBytes = virtualBytes
    self.openDescriptors = openDescriptors
    self.maximumDescriptors = maximumDescriptors
    self.startTime = startTime
  }
}
