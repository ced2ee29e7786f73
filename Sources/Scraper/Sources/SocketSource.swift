internal import Kernel

/// Where sockets come from. A source fills a tally; it does not return sockets, so that one which counts inside the kernel fits as well.
protocol SocketSource: Sendable {
  var name: SourceName { get }
  /// Whether bound sockets that neither listen nor connect, and ports chosen by the program, can be told.
  var seesBinds: Bool { get }

  /// Reads all TCP sockets of the namespace into `tally`.
  func fill(_ tally: inout TCPTally, until deadline: Deadline) throws(ReadError)
  /// Reads all UDP sockets of the namespace into `tally`.
  func fill(_ tally: inout UDPTally, until deadline: Deadline) throws(ReadError)
}
