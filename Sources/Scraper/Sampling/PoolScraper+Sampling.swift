package import Kernel
internal import PortModel

extension PoolScraper {
  /// Looks for the fullest tuple between scrapes, as cheaply as can be. Blocking.
  ///
  /// While the kernel's own count of sockets shows that no tuple can be past the first bucket, the table is not walked.
  package func sample(until deadline: Deadline = .never) throws(ReadError) -> PeakSample {
    let settings = try PoolSettings(reading: configuration.proc)
    let totals = try SocketTotals(reading: configuration.proc)
    // Sockets that are bound and nothing more take ports from every tuple, and are not among the TCP sockets that the kernel counts.
    let capacity = settings.capacity - Int(clamping: totals.holders - totals.tcp - totals.udp)
    let share = capacity > 0 ? Double(totals.tcp) / Double(capacity) : 1
    if share <= PeakReading.upperBounds[0] { return .calm(shareAtMost: share) }
    return try worstTuple(settings, until: deadline) ?? .busy
  }
}
