internal import PortModel

extension TCPPressure {
  /// `nil` when the tally knows no pool.
  ///
  /// - Parameter tupleLimit: how many of the fullest tuples to keep; `nil` for all.
  init?(_ tally: borrowing TCPTally, tupleLimit: Int?) {
    guard let range = tally.settings?.range else { return nil }
    usage = PortUsage(tally.ports, range: range, pool: tally.pool)
    blocked = tally.blocked.count
    connect = ConnectHeadroom(tally, range: range, limit: tupleLimit)
    bind = BindHeadroom(tally)
    wrongParity = tally.wrongParityPorts(firstParityCapacity: connect.firstParityCapacity)
    listeners = tally.ports.listener
  }
}

extension TCPTally {
  /// Second-parity ports of tuples that still have first-parity ports free.
  ///
  /// A large tuple's ports are in its bitmap, except those it held before it got one. Those are in the common set; where the tuple turns out
  /// to have used up the first parity they are taken off again, by number.
  fileprivate func wrongParityPorts(firstParityCapacity: Int) -> Int {
    var ports = secondParityOfSmallTuples
    var innocent = 0
    tuples.forEach { entry in
      guard entry.bitmap >= 0 else { return }
      let hasRoom = entry.firstParityHeld < firstParityCapacity
      var (second, all) = (0, 0)
      bitmaps[Int(entry.bitmap)].forEach { offset in
        all += 1
        guard offset & 1 == 1 else { return }
        second += 1
        if hasRoom { ports.insert(Port(firstPort + offset)) }
      }
      if !hasRoom { innocent += Int(entry.used) - all - (Int(entry.firstParityUsed) - (all - second)) }
    }
    return max(0, ports.count - innocent)
  }
}
