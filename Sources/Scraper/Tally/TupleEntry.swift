internal import PortModel

/// What is counted of one tuple: 56 bytes, however many sockets share it.
struct TupleEntry: Sendable {
  let tuple: Tuple
  /// Ports with a socket of the tuple in any state.
  var used: UInt16 = 0
  /// Of ``used``: ports whose socket is a TIME_WAIT that connect() may take over.
  var reusable: UInt16 = 0
  /// Of ``used``, and of ``reusable``: ports of the parity that connect() tries first.
  var firstParityUsed: UInt16 = 0
  var firstParityReusable: UInt16 = 0
  /// TIME_WAIT ports by when they come back: within 5, 15, 30 and 60 seconds, each port in one.
  var returning: (UInt16, UInt16, UInt16, UInt16) = (0, 0, 0, 0)
  /// The other end is an address of this host.
  let isLocal: Bool
  /// Where the tuple's ports are kept apart, once it holds enough of them; -1 before.
  var bitmap: Int32 = -1

  init(_ tuple: Tuple, isLocal: Bool) {
    self.tuple = tuple
    self.isLocal = isLocal
  }

  /// Ports that a connect() of this tuple cannot be given.
  var held: Int { Int(used) - Int(reusable) }
  var firstParityHeld: Int { Int(firstParityUsed) - Int(firstParityReusable) }
}
