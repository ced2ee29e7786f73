internal import CBPF
internal import Glibc
package import PortModel

/// A tuple as it was counted: ports, each once.
package struct CountedTuple: Sendable, Hashable {
  package let source: IPAddress
  package let destination: IPAddress
  package let destinationPort: Port
  /// 0 for none.
  package let device: UInt32
  package let used: UInt16
  package let reusable: UInt16
  package let firstParityUsed: UInt16
  package let firstParityReusable: UInt16
  /// TIME_WAIT ports by when they come back: within 5, 15, 30 and 60 seconds, each in one.
  package let returning: [UInt16]

  fileprivate init(
    _ source: IPAddress, _ destination: IPAddress, port: UInt16, device: UInt32, _ counts: counts_tuple
  ) {
    self.source = source
    self.destination = destination
    destinationPort = Port(bigEndian: port)
    self.device = device
    used = counts.used
    reusable = counts.reusable
    firstParityUsed = counts.first_parity_used
    firstParityReusable = counts.first_parity_reusable
    returning = [counts.returning.0, counts.returning.1, counts.returning.2, counts.returning.3]
  }
}

/// A device that sockets are bound to.
package struct CountedDevice: Sendable, Hashable {
  package let number: UInt32
  /// The VRF that it is, or is in; 0 for none.
  package let vrf: UInt32
  /// Whether a connect() on it meets the sockets on no device, and is given the ports that they are given.
  package let meetsNone: Bool
}

/// What is known of a port.
package struct PortFlags: OptionSet, Sendable, Hashable {
  package let rawValue: UInt16
  package init(rawValue: UInt16) { self.rawValue = rawValue }

  package static let used = PortFlags(rawValue: UInt16(COUNTS_USED))
  /// No connect() is given it, whatever the destination.
  package static let blocked = PortFlags(rawValue: UInt16(COUNTS_BLOCKED))
  package static let listener = PortFlags(rawValue: UInt16(COUNTS_LISTENER))
  /// A listener on a number of its program's choice.
  package static let chosenListener = PortFlags(rawValue: UInt16(COUNTS_CHOSEN_LISTENER))
  /// A socket bound to a number of its program's choice, or not connected.
  package static let bound = PortFlags(rawValue: UInt16(COUNTS_BOUND))
  package static let local = PortFlags(rawValue: UInt16(COUNTS_LOCAL))
  package static let client = PortFlags(rawValue: UInt16(COUNTS_CLIENT))
  /// In use in a VRF.
  package static let usedInVRF = PortFlags(rawValue: UInt16(COUNTS_USED_IN_VRF))
  package static let meetsIPv4 = PortFlags(rawValue: UInt16(COUNTS_MEETS_IPV4))
}

extension SocketCounter {
  package borrowing func flags(of port: Port) -> PortFlags {
    unsafe PortFlags(rawValue: cbpf_ports(ports.start, Self.slot)[Int(port)])
  }

  /// The sockets of a family in a state, on ports of a class.
  package borrowing func sockets(_ family: AddressFamily, _ state: SocketState, inClass number: Int) -> Int {
    guard number < COUNTS_CLASSES, Int(state.rawValue) < COUNTS_STATES else { return 0 }
    return unsafe Int(cbpf_states(states.start, Self.slot, UInt32(family.rawValue), UInt32(state.rawValue))[number])
  }

  /// Every tuple that found a place, of the sockets on one device or on none.
  package borrowing func forEachTuple(_ body: (CountedTuple) -> Void) { forEachEntry(slot: Self.slot, body) }

  /// What the sum of a tuple on a device and of the same on none counts too much, because both hold the port.
  package borrowing func forEachOverlap(_ body: (CountedTuple) -> Void) { forEachEntry(slot: Self.slot | UInt32(COUNTS_OVERLAP), body) }

  private borrowing func forEachEntry(slot: UInt32, _ body: (CountedTuple) -> Void) {
    let slot = UInt16(slot)
    let generation = unsafe UInt16(settings.elements(counts_settings.self).pointee.generation)
    let totals = unsafe self.totals.elements(counts_totals.self).pointee
    if totals.tuples.0 > 0 {
      let entries = unsafe tuples4.elements(counts_tuple4.self)
      for index in 0..<COUNTS_TUPLES4 where unsafe entries[index].generation == generation && entries[index].slot == slot {
        let entry = unsafe entries[index]
        body(
          CountedTuple(
            IPAddress(ipv4: UInt32(bigEndian: entry.source)), IPAddress(ipv4: UInt32(bigEndian: entry.destination)), port: entry.port,
            device: device(entry.device), entry.counts))
      }
    }
    if totals.tuples.1 > 0 {
      let entries = unsafe tuples6.elements(counts_tuple6.self)
      for index in 0..<COUNTS_TUPLES6 where unsafe entries[index].generation == generation && entries[index].slot == slot {
        let entry = unsafe entries[index]
        body(
          CountedTuple(
            IPAddress(memoryWords: entry.source.words), IPAddress(memoryWords: entry.destination.words), port: entry.port,
            device: device(entry.device), entry.counts))
      }
    }
  }

  /// The number of a device, from that of its entry.
  private borrowing func device(_ entry: UInt16) -> UInt32 {
    entry == 0 ? 0 : unsafe devices.elements(counts_device.self)[(Int(entry) - 1) % COUNTS_DEVICES].number
  }

  /// Every device that sockets are bound to.
  package borrowing func forEachDevice(_ body: (CountedDevice) -> Void) {
    let generation = unsafe settings.elements(counts_settings.self).pointee.generation
    let entries = unsafe devices.elements(counts_device.self)
    for index in 0..<COUNTS_DEVICES where unsafe entries[index].generation == generation && entries[index].slot == UInt16(Self.slot) {
      let entry = unsafe entries[index]
      body(CountedDevice(number: entry.number, vrf: entry.vrf, meetsNone: entry.meets_none != 0))
    }
  }

  /// Every port that is closed to connect() in a VRF, whatever the destination.
  package borrowing func forEachVRFPort(_ body: (_ vrf: UInt32, _ port: Port) -> Void) {
    guard unsafe totals.elements(counts_totals.self).pointee.vrf_ports > 0 else { return }
    let entries = unsafe vrfPorts.elements(counts_vrf_port.self)
    for index in 0..<COUNTS_VRF_PORTS where unsafe entries[index].vrf != 0 && entries[index].slot == UInt16(Self.slot) {
      unsafe body(entries[index].vrf, Port(entries[index].port))
    }
  }

  /// Every local address with sockets on pool ports, as 1024 words of ports, and of those with a socket that an IPv4 socket would meet.
  package borrowing func forEachAddress(_ body: (_ address: IPAddress, _ ports: PortSet, _ meetingIPv4: PortSet) -> Void) {
    let used = unsafe usedAddresses.elements(counts_used_address.self)
    for index in 0..<COUNTS_ADDRESSES where unsafe used[index].generation != 0 {
      let bits: UnsafePointer<UInt64> = unsafe cbpf_address_ports(used + index)
      let meeting: UnsafePointer<UInt64> = unsafe cbpf_address_ports_meeting_ipv4(used + index)
      unsafe body(
        IPAddress(memoryWords: used[index].address.words), PortSet(words: UnsafeBufferPointer(start: bits, count: 1024)),
        PortSet(words: UnsafeBufferPointer(start: meeting, count: 1024)))
    }
  }

  /// How many tuples there are, by the counters of the sketch that none of them hit.
  borrowing func estimatedTuples(_ family: AddressFamily) -> Int {
    let cells = Self.cells(family)
    let sketch: UnsafeMutablePointer<UInt32> = unsafe cbpf_sketch(self.sketch.start, family == .ipv6 ? 1 : 0)
    var empty = 0
    for index in 0..<cells where unsafe sketch[index] == 0 { empty += 1 }
    return Int(-Double(cells) * log(Double(max(1, empty)) / Double(cells)))
  }

  private static func cells(_ family: AddressFamily) -> Int { family == .ipv4 ? COUNTS_CELLS4 : COUNTS_CELLS6 }
  private static func room(_ family: AddressFamily) -> Int { family == .ipv4 ? COUNTS_TUPLES4 : COUNTS_TUPLES6 }

  /// The counter of the sketch from which on at most half as many tuples pass as there is room for, of either family. A counter that many small tuples
  /// share does not look like that of a large one: it is above their noise.
  borrowing func threshold(for estimates: [(AddressFamily, Int)]) -> UInt32 {
    var result: UInt32 = 1
    for (family, tuples) in estimates where tuples > 0 {
      let cells = Self.cells(family)
      let sketch: UnsafeMutablePointer<UInt32> = unsafe cbpf_sketch(self.sketch.start, family == .ipv6 ? 1 : 0)
      var histogram = [Int](repeating: 0, count: 1 << 16 + 1)
      for index in 0..<cells { unsafe histogram[min(Int(sketch[index]), 1 << 16)] += 1 }
      let shared = Double(tuples) / Double(cells)
      var above = 0
      var value = 1 << 16
      while value > 1, Double(above + histogram[value]) * (1 + shared) <= Double(Self.room(family) / 2) {
        above += histogram[value]
        value -= 1
      }
      // Where all fit there is no need for one.
      guard value > 1 else { continue }
      result = max(result, UInt32(value + 1), UInt32(shared + 6 * shared.squareRoot() + 4))
    }
    return result
  }
}

extension PortSet {
  fileprivate init(words: UnsafeBufferPointer<UInt64>) {
    self.init()
    for index in words.indices {
      var word = unsafe words[index]
      while word != 0 {
        insert(Port(index << 6 | word.trailingZeroBitCount))
        word &= word - 1
      }
    }
  }
}
