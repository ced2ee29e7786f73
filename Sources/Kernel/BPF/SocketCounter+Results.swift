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

  /// The kernel hands it out.
  package static let pool = PortFlags(rawValue: UInt16(COUNTS_POOL))
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
  /// In use, in a VRF or outside; and held by a socket that waits there or is bound and nothing more.
  package static let inUse: PortFlags = [.used, .usedInVRF]
  package static let waiting: PortFlags = [.listener, .bound]
  /// A UDP socket, by what it is: whoever has one has one of these.
  package static let udpBound = PortFlags(rawValue: UInt16(COUNTS_UDP_BOUND))
  package static let udpLocal = PortFlags(rawValue: UInt16(COUNTS_UDP_LOCAL))
  package static let udpClient = PortFlags(rawValue: UInt16(COUNTS_UDP_CLIENT))
  package static let udpUsed: PortFlags = [.udpBound, .udpLocal, .udpClient]
  /// A UDP socket that an IPv4 socket would meet, and one that an IPv6-only socket would.
  package static let udpMeetsIPv4 = PortFlags(rawValue: UInt16(COUNTS_UDP_MEETS_IPV4))
  package static let udpMeetsIPv6 = PortFlags(rawValue: UInt16(COUNTS_UDP_MEETS_IPV6))
  package static let meetsIPv4 = PortFlags(rawValue: UInt16(COUNTS_MEETS_IPV4))
}

extension SocketCounter {
  /// Every port that anything is known of, lowest first.
  package borrowing func forEachPort(_ report: CountReport, _ body: (Port, PortFlags) -> Void) {
    let numbers: UnsafeMutablePointer<UInt16> = unsafe cbpf_slot_pages(slots.start, UInt32(report.slot))
    for index in 0..<1024 {
      let number = unsafe Int(numbers[index])
      guard number > 0, number < room.pages else { continue }
      let flags: UnsafeMutablePointer<UInt16> = unsafe cbpf_flags(pages.start, UInt32(number))
      for offset in 0..<COUNTS_PAGE_PORTS {
        let known = unsafe PortFlags(rawValue: flags[offset])
        if !known.isSubset(of: .pool) { body(Port(index * COUNTS_PAGE_PORTS + offset), known) }
      }
    }
  }

  /// The sockets of a family in a state, on ports of a class.
  package borrowing func sockets(_ report: CountReport, _ family: AddressFamily, _ state: SocketState, inClass number: Int) -> Int {
    guard number < report.blocks * COUNTS_BLOCK_CLASSES, Int(state.rawValue) < COUNTS_STATES else { return 0 }
    let block = UInt32(report.slot * report.blocks + number / COUNTS_BLOCK_CLASSES)
    let counts: UnsafeMutablePointer<UInt32> = unsafe cbpf_states(states.start, block, UInt32(family.rawValue), UInt32(state.rawValue))
    return unsafe Int(counts[number % COUNTS_BLOCK_CLASSES])
  }

  /// Every tuple that found a place, of the sockets on one device or on none.
  package borrowing func forEachTuple(_ report: CountReport, _ body: (CountedTuple) -> Void) { forEachEntry(report.tuples, body) }

  /// What the sum of a tuple on a device and of the same on none counts too much, because both hold the port.
  package borrowing func forEachOverlap(_ report: CountReport, _ body: (CountedTuple) -> Void) { forEachEntry(report.overlaps, body) }

  private borrowing func forEachEntry(_ numbers: [UInt32], _ body: (CountedTuple) -> Void) {
    let entries4 = unsafe tuples4.elements(counts_tuple4.self)
    let entries6 = unsafe tuples6.elements(counts_tuple6.self)
    for number in numbers {
      if number & CountReport.ipv6 == 0 {
        let entry = unsafe entries4[Int(number)]
        body(
          CountedTuple(
            IPAddress(ipv4: UInt32(bigEndian: entry.source)), IPAddress(ipv4: UInt32(bigEndian: entry.destination)), port: entry.port,
            device: device(entry.device), entry.counts))
      } else {
        let entry = unsafe entries6[Int(number & ~CountReport.ipv6)]
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
  package borrowing func forEachDevice(_ report: CountReport, _ body: (CountedDevice) -> Void) {
    let generation = unsafe settings.elements(counts_settings.self).pointee.generation
    let entries = unsafe devices.elements(counts_device.self)
    for index in 0..<COUNTS_DEVICES where unsafe entries[index].generation == generation && Int(entries[index].slot) == report.slot {
      let entry = unsafe entries[index]
      body(CountedDevice(number: entry.number, vrf: entry.vrf, meetsNone: entry.meets_none != 0))
    }
  }

  /// Every port that is closed to connect() in a VRF, whatever the destination.
  package borrowing func forEachVRFPort(_ report: CountReport, _ body: (_ vrf: UInt32, _ port: Port) -> Void) {
    guard unsafe totals.elements(counts_totals.self).pointee.vrf_ports > 0 else { return }
    let entries = unsafe vrfPorts.elements(counts_vrf_port.self)
    for index in 0..<COUNTS_VRF_PORTS where unsafe entries[index].vrf != 0 && Int(entries[index].slot) == report.slot {
      unsafe body(entries[index].vrf, Port(entries[index].port))
    }
  }

  /// Every local address with sockets on pool ports, and of those ports the ones with a socket that an IPv4 socket would meet.
  ///
  /// - Parameter chosen: whether an address is wanted.
  package borrowing func forEachAddress(
    _ report: CountReport, where chosen: (IPAddress) -> Bool,
    _ body: (_ address: IPAddress, _ ports: PortSet, _ meetingIPv4: PortSet) -> Void
  ) {
    let used = unsafe usedAddresses.elements(counts_used_address.self)
    let pages = unsafe addressPages.elements(counts_address_page.self)
    var next = 0
    while next < report.addressPages.count {
      let number = report.addressPages[next] >> 32
      let address = unsafe IPAddress(memoryWords: used[Int(number)].address.words)
      let isChosen = chosen(address)
      var (ports, meetingIPv4) = (PortSet(), PortSet())
      while next < report.addressPages.count, report.addressPages[next] >> 32 == number {
        let page = unsafe pages + Int(UInt32(truncatingIfNeeded: report.addressPages[next]))
        next += 1
        guard isChosen else { continue }
        let first = unsafe Int(page.pointee.key & 255) * 4
        let all: UnsafePointer<UInt64> = unsafe cbpf_address_ports(page)
        let meeting: UnsafePointer<UInt64> = unsafe cbpf_address_ports_meeting_ipv4(page)
        for index in 0..<4 {
          unsafe ports.insert(word: all[index], at: first + index)
          unsafe meetingIPv4.insert(word: meeting[index], at: first + index)
        }
      }
      if isChosen { body(address, ports, meetingIPv4) }
    }
  }
}
