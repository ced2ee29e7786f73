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
    _ source: IPAddress, _ destination: IPAddress, port: UInt16, device: UInt16, _ counts: counts_tuple
  ) {
    self.source = source
    self.destination = destination
    destinationPort = Port(bigEndian: port)
    self.device = UInt32(device)
    used = counts.used
    reusable = counts.reusable
    firstParityUsed = counts.first_parity_used
    firstParityReusable = counts.first_parity_reusable
    returning = [counts.returning.0, counts.returning.1, counts.returning.2, counts.returning.3]
  }
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

  /// Every tuple that found a place.
  package borrowing func forEachTuple(_ report: CountReport, _ body: (CountedTuple) -> Void) {
    let entries4 = unsafe tuples4.elements(counts_tuple4.self)
    let entries6 = unsafe tuples6.elements(counts_tuple6.self)
    for number in report.tuples {
      if number & CountReport.ipv6 == 0 {
        let entry = unsafe entries4[Int(number)]
        body(
          CountedTuple(
            IPAddress(ipv4: UInt32(bigEndian: entry.source)), IPAddress(ipv4: UInt32(bigEndian: entry.destination)), port: entry.port,
            device: entry.device, entry.counts))
      } else {
        let entry = unsafe entries6[Int(number & ~CountReport.ipv6)]
        body(
          CountedTuple(
            IPAddress(memoryWords: entry.source.words), IPAddress(memoryWords: entry.destination.words), port: entry.port,
            device: entry.device, entry.counts))
      }
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
