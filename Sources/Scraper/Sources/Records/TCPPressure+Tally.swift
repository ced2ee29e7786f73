internal import PortModel

extension TCPPressure {
  /// `nil` when the tally knows no pool.
  ///
  /// - Parameters:
  ///   - tupleLimit: how many of the fullest tuples to keep; `nil` for all.
  ///   - seesExplicitBinds: whether it is known which ports programs chose themselves.
  ///   - zone: what a device is called.
  init?(_ tally: borrowing TCPTally, tupleLimit: Int?, seesExplicitBinds: Bool, zone: (_ device: UInt32) -> String) {
    guard let range = tally.settings?.range else { return nil }
    let connect = ConnectHeadroom(tally, range: range, limit: tupleLimit, zone: zone)
    self.init(
      usage: PortUsage(tally.ports, range: range, pool: tally.pool), blocked: tally.blocked.count, connect: connect,
      bind: BindHeadroom(tally), wrongParity: tally.wrongParityPorts(firstParityCapacity: connect.firstParityCapacity),
      // A port whose program let the kernel choose it at bind() looks like any other, and is closed to connect() all the same.
      listeners: seesExplicitBinds ? tally.chosenListeners : tally.ports.listener, exactness: .upperBound)
  }
}

extension BindHeadroom {
  init(_ tally: borrowing TCPTally) {
    let capacity = tally.pool.count
    var list: [Address] = []
    for (number, address) in tally.addresses.addresses.enumerated() {
      var taken = address.isIPv4 ? tally.onWildcardIPv4 : tally.onWildcardIPv6
      tally.addresses.forEachOffset(of: number) { taken.insert(Port(tally.firstPort + $0)) }
      list.append(Address(address: address, headroom: capacity - taken.count))
    }
    self.init(
      wildcard: capacity - tally.meetingIPv4.count, wildcardIPv6: capacity - tally.ports.used.count,
      addresses: list.sorted { ($0.headroom, $0.address) < ($1.headroom, $1.address) }, isComplete: tally.addresses.isComplete,
      other: capacity - tally.onWildcardIPv4.count, otherIPv6: capacity - tally.onWildcardIPv6.count)
  }
}

extension UDPPressure {
  /// `nil` when the tally knows no pool.
  ///
  /// - Parameter servers: the ports that servers wait on; `nil` where that is not known.
  init?(_ tally: borrowing UDPTally, servers: PortSet?) {
    guard let settings = tally.settings else { return nil }
    let capacity = tally.pool.count
    self.init(
      usage: PortUsage(tally.ports, range: settings.range, pool: tally.pool), headroom: capacity - tally.ports.meetingIPv4.count,
      headroomIPv6: capacity - (settings.isIPv6OnlyByDefault ? tally.meetingIPv6 : tally.ports.used).count,
      listeners: servers)
  }
}

extension PortUsage {
  init(_ ledger: borrowing PortLedger, range: PortRange, pool: PortSet) {
    var map = [PortUse](repeating: .free, count: range.count)
    for offset in 0..<range.count {
      let port = Port(Int(range.first) + offset)
      if !pool.contains(port) {
        map[offset] = .reserved
      } else if let use = ledger.use(of: port) {
        map[offset] = use
      }
    }
    self.init(map: map)
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
