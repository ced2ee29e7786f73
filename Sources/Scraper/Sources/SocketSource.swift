internal import Kernel

/// Where sockets come from. A source fills a tally; it does not return sockets, so that one which counts inside the kernel fits as well.
protocol SocketSource: Sendable {
  /// Reads all TCP sockets of the namespace into `tally`.
  func fill(_ tally: inout TCPTally, until deadline: Deadline) throws(ReadError) -> FillReport
  /// Reads the connections on pool ports, and nothing that can be left out for knowing the fullest tuple.
  func fillConnections(_ tally: inout TCPTally, until deadline: Deadline) throws(ReadError)
  /// Reads all UDP sockets of the namespace into `tally`.
  func fill(_ tally: inout UDPTally, until deadline: Deadline) throws(ReadError) -> FillReport
}
