internal import CBPF
internal import PortModel
internal import Synchronization

/// Counts the kernel's socket tables inside the kernel: programs that nothing triggers go through them a piece at a time, and what they counted is read in
/// place. Nothing is attached, no lock is taken and no socket held; docs/counting-in-the-kernel.md says how it is bounded.
///
/// Loading takes CAP_BPF and CAP_PERFMON, or CAP_SYS_ADMIN; counting takes no right. There is one counter in a process.
package struct SocketCounter: ~Copyable {
  let room: CounterRoom

  let findNamespaces: BPFProgram
  let findOwnAddresses: BPFProgram
  let copyReservedPorts: BPFProgram
  let copyTables: BPFProgram
  let countBinds: BPFProgram
  let countAddresses: BPFProgram
  let countListeners: BPFProgram
  let countEstablished: BPFProgram
  let copyUDPTable: BPFProgram
  let countUDP: BPFProgram

  let settings: BPFMemory
  let totals: BPFMemory
  let namespaces: BPFMemory
  let copied: BPFMemory
  let slots: BPFMemory
  let pages: BPFMemory
  let states: BPFMemory
  let tuples4: BPFMemory
  let tuples6: BPFMemory
  let usedAddresses: BPFMemory
  let addressPages: BPFMemory
  let ownAddresses: BPFMemory
  let sketch: BPFMemory
  let devices: BPFMemory
  let vrfPorts: BPFMemory
  let udpHolders: BPFMemory

  /// Namespaces that had more tuples in the last count than there is room for: the sketch has marks of their large ones.
  let marked = Mutex<Set<NetworkNamespaceID>>([])

  /// Loads the programs, and lets go of all that was needed for it.
  ///
  /// - Parameter library: the file name of libbpf.
  /// - Throws: one sentence that says what is missing, and what to do about it.
  static func load(_ room: CounterRoom, library file: String = BPFLibrary.fileName) throws(ReadError) -> SocketCounter {
    let library = try BPFLibrary(file, for: purpose)
    let object = try load(library, room)
    return SocketCounter(
      room: room, findNamespaces: try object.program("find_namespaces"),
      findOwnAddresses: try object.program("find_own_addresses"), copyReservedPorts: try object.program("copy_reserved_ports"),
      copyTables: try object.program("copy_tables"),
      countBinds: try object.program("count_binds"), countAddresses: try object.program("count_addresses"),
      countListeners: try object.program("count_listeners"), countEstablished: try object.program("count_established"),
      copyUDPTable: try object.program("copy_udp_table"), countUDP: try object.program("count_udp"),
      settings: try object.memory(".bss.settings"), totals: try object.memory(".bss.totals"),
      namespaces: try object.memory(".bss.namespaces"), copied: try object.memory(".bss.copied"), slots: try object.memory("slots"),
      pages: try object.memory("pages"), states: try object.memory("states"), tuples4: try object.memory("tuples4"),
      tuples6: try object.memory("tuples6"), usedAddresses: try object.memory("used_addresses"),
      addressPages: try object.memory("address_pages"), ownAddresses: try object.memory("own_addresses"),
      sketch: try object.memory("sketch"), devices: try object.memory("devices"), vrfPorts: try object.memory("vrf_ports"),
      udpHolders: try object.memory("udp_holders"))
  }

  /// The programs that load from the kernel's memory, or where that is not possible those that call for each field: twice as dear.
  private static func load(_ library: borrowing BPFLibrary, _ room: CounterRoom) throws(ReadError) -> BPFObject {
    do throws(BPFObject.Refusal) {
      return try unsafe library.load(cbpf_count(), sizes: room.sizes)
    } catch {
      guard error.words.contains("bpf_rdonly_cast") else { throw refusal(error) }
    }
    do throws(BPFObject.Refusal) { return try unsafe library.load(cbpf_count_probe(), sizes: room.sizes) } catch { throw refusal(error) }
  }

  private static func refusal(_ error: BPFObject.Refusal) -> ReadError {
    .refused(error.reason("the programs that count sockets", since: "6.1"))
  }
}

/// How much memory the programs share with this process.
package struct CounterRoom: Sendable, Hashable {
  /// Namespaces.
  let slots: Int
  /// Pages for the flags of ports.
  let pages: Int
  /// Blocks of states, of which a namespace needs one for eight classes.
  let blocks: Int
  let addressPages: Int
  /// Entries for who holds a UDP port.
  let udpHolders: Int

  /// For the calling thread's namespace alone.
  package static let own = CounterRoom(
    slots: 1, pages: COUNTS_OWN_PAGES, blocks: COUNTS_OWN_BLOCKS, addressPages: COUNTS_OWN_ADDRESS_PAGES,
    udpHolders: COUNTS_OWN_UDP_HOLDERS)
  /// For some hundred namespaces, 8 MB more.
  package static let all = CounterRoom(
    slots: COUNTS_SLOTS, pages: COUNTS_PAGES, blocks: COUNTS_BLOCKS, addressPages: COUNTS_ADDRESS_PAGES,
    udpHolders: COUNTS_UDP_HOLDERS)

  fileprivate var sizes: [String: UInt32] {
    [
      "slots": UInt32(slots), "pages": UInt32(pages), "states": UInt32(blocks), "address_pages": UInt32(addressPages),
      "udp_holders": UInt32(udpHolders),
    ]
  }
}

extension SocketCounter {
  /// The counter of this process, or why there is none; neither before it was asked for.
  private struct Shared: ~Copyable {
    var counter: SocketCounter?
    /// How many namespaces it was loaded for.
    var slots = 0
    var refusal: Refusal?

    /// - Returns: whether there is a counter with that much room.
    mutating func load(_ wanted: CounterRoom) -> Bool {
      guard refusal == nil else { return false }
      if slots >= wanted.slots { return true }
      do throws(ReadError) {
        counter = try SocketCounter.load(wanted)
        slots = wanted.slots
        return true
      } catch {
        // One that was loaded with fewer namespaces in mind stays.
        if slots == 0 { refusal = Refusal(reason: "\(error)", lacksRights: BPFLibrary.missingRight(for: purpose) != nil) }
        return false
      }
    }
  }

  private static let shared = Mutex(Shared())
  /// What is said where the counter was loaded for one namespace, and the rights to load another are gone.
  private static var noRoom: Refusal { Refusal(reason: "the programs in the kernel were loaded for one namespace", lacksRights: false) }
  private static var purpose: String { "counting in the kernel" }

  /// Why nothing is counted in the kernel.
  package struct Refusal: Sendable, Hashable, CustomStringConvertible {
    package let reason: String
    /// Whether the process had no right to load the programs, so that it was not tried.
    package let lacksRights: Bool

    package var description: String { reason }
  }

  /// Whether the calling thread may load the programs. Takes neither libbpf nor the kernel's types to find out, and no time to speak of.
  package static var mayLoad: Bool { BPFLibrary.missingRight(for: purpose) == nil }

  /// Loads the programs, once for the process. To be called while it has the rights.
  ///
  /// - Returns: why it cannot count in the kernel; `nil` if it can.
  package static func prepare(_ room: CounterRoom = .own) -> Refusal? {
    shared.withLock { $0.load(room) ? nil : $0.refusal ?? noRoom }
  }

  /// Never counts in the kernel again: it has counted wrongly.
  package static func giveUp(_ reason: String) { shared.withLock { $0.refusal = Refusal(reason: reason, lacksRights: false) } }

  /// Lends `body` the counter of this process.
  ///
  /// - Throws: why it cannot count in the kernel, or that another thread is counting.
  package static func withShared<Result: Sendable>(
    _ room: CounterRoom, _ body: (borrowing SocketCounter) throws(ReadError) -> Result
  ) throws(ReadError) -> Result {
    let result = try shared.withLockIfAvailable { (shared) throws(ReadError) -> Result? in
      guard shared.load(room) else { throw ReadError.refused((shared.refusal ?? noRoom).reason) }
      switch shared.counter {
      case .some(let counter): return try body(counter)
      case .none: return nil
      }
    }
    guard let result = result ?? nil else { throw .refused("the sockets are being counted in the kernel for somebody else") }
    return result
  }
}
