internal import CBPF
internal import Glibc
package import PortModel

/// A UDP socket that waits on a pool port of its program's choice.
package struct CountedUDPHolder: Sendable, Hashable {
  package let port: Port
  /// Of its file; 0 for none.
  package let inode: UInt32
  package let uid: UInt32
}

extension SocketCounter {
  /// Lists are read so many at a time.
  private static var leastLists: UInt64 { 8 }

  /// Counts the UDP sockets in each table of them: a namespace may have one of its own (`udp_child_hash_entries`). To be called last: what goes wrong here
  /// is said of UDP alone.
  borrowing func walkUDP(_ counted: inout [CountedNamespace], _ clock: CountClock) {
    let totals = unsafe self.totals.elements(counts_totals.self)
    let lostPages = counted.indices.map { unsafe cbpf_notes(slots.start, UInt32($0)).lost_pages }
    // The calling thread's own first. None has one before Linux 6.2.
    var tables: [UInt64] = []
    var slotsOfTable: [UInt64: [Int]] = [:]
    for (slot, namespace) in counted.enumerated() where namespace.found.udp_table != 0 {
      if slotsOfTable[namespace.found.udp_table] == nil { tables.append(namespace.found.udp_table) }
      slotsOfTable[namespace.found.udp_table, default: []].append(slot)
    }
    for table in tables {
      let slots = slotsOfTable[table] ?? []
      unsafe totals.pointee.out_of_budget = 0
      do throws(ReadError) {
        _ = try copyUDPTable.run(table)
        let lists = unsafe copied.elements(counts_copied.self).pointee
        let count = lists.udp_mask + 1
        guard count >= Self.leastLists, count <= Self.mostBuckets, count.nonzeroBitCount == 1 else {
          throw Self.changed("a table of UDP sockets has \(count) lists")
        }
        try clock.walk(countUDP, count, table: lists.udp_hash, mask: lists.udp_mask)
        guard unsafe totals.pointee.out_of_budget == 0 else { throw Self.tooLong }
        for slot in slots { counted[slot].report.hasUDP = true }
      } catch {
        for slot in slots { counted[slot].report.udpProblem = "\(error)" }
      }
    }
    for slot in counted.indices where counted[slot].report.hasUDP {
      let notes = unsafe cbpf_notes(self.slots.start, UInt32(slot))
      counted[slot].report.missesUDPHolders = notes.lost_udp_holders > 0
      if notes.lost_pages > lostPages[slot] { counted[slot].report.udpProblem = Self.noPages }
    }
    let holders = unsafe udpHolders.elements(counts_udp_holder.self)
    for index in 0..<min(Int(unsafe totals.pointee.udp_holders), room.udpHolders) {
      let slot = unsafe Int(holders[index].slot)
      if slot < counted.count { counted[slot].report.udpHolders.append(UInt32(index)) }
    }
  }

  /// The UDP sockets of a family on ports of a class, connected (``SocketState/established``) or not (``SocketState/close``).
  package borrowing func udpSockets(_ report: CountReport, _ family: AddressFamily, _ state: SocketState, inClass number: Int) -> Int {
    guard number < report.blocks * COUNTS_BLOCK_CLASSES, state == .established || state == .close else { return 0 }
    let block = UInt32(report.slot * report.blocks + number / COUNTS_BLOCK_CLASSES)
    let isConnected: UInt32 = state == .established ? 1 : 0
    let counts: UnsafeMutablePointer<UInt32> = unsafe cbpf_udp_states(states.start, block, UInt32(family.rawValue), isConnected)
    return unsafe Int(counts[number % COUNTS_BLOCK_CLASSES])
  }

  /// Every UDP socket that waits on a pool port of its program's choice. Several may share a port.
  package borrowing func forEachUDPHolder(_ report: CountReport, _ body: (CountedUDPHolder) -> Void) {
    let holders = unsafe udpHolders.elements(counts_udp_holder.self)
    for index in report.udpHolders {
      let holder = unsafe holders[Int(index)]
      body(CountedUDPHolder(port: Port(holder.port), inode: holder.inode, uid: holder.uid))
    }
  }
}
