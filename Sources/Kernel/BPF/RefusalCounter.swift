internal import CBPF
internal import Glibc
package import PortModel
internal import Synchronization

/// Counts what the kernel refuses for want of a port, in every namespace: programs that run when the kernel's own functions return count in tables of a
/// fixed size, which are read in place. docs/counting-in-the-kernel.md says what that does to the kernel.
///
/// Attaching takes CAP_BPF and CAP_PERFMON, or CAP_SYS_ADMIN; to go on takes no right. There is one counter in a process, and it counts from the moment
/// that it is made.
package struct RefusalCounter: ~Copyable {
  private let programs: AttachedPrograms
  private let control: BPFMemory
  private let namespaces: BPFMemory
  private let cases: BPFMemory
  let kinds: [Refusals.Kind]
  /// Why not all kinds are counted; `nil` if they are.
  let reason: String?

  private init(
    _ programs: consuming AttachedPrograms, control: consuming BPFMemory, namespaces: consuming BPFMemory, cases: consuming BPFMemory,
    _ kinds: [Refusals.Kind], reason: String?
  ) {
    self.programs = programs
    self.control = control
    self.namespaces = namespaces
    self.cases = cases
    self.kinds = kinds
    self.reason = reason
  }

  /// Attaches the programs, and lets go of all that was needed for it.
  ///
  /// - Throws: one sentence that says what is missing.
  static func begin(library file: String = BPFLibrary.fileName) throws(ReadError) -> RefusalCounter {
    let library = try BPFLibrary(file, for: "counting refused ports")
    let refusal: String
    do throws(ReadError) {
      return try follow(library)
    } catch {
      refusal = "\(error)"
    }
    do throws(BPFObject.Refusal) {
      let object = try unsafe library.load(cbpf_refusals_tracepoint())
      return try attach(
        object, ["refused_connect"], [.connect],
        reason: "\(refusal): of refused ports only those of TCP connect() without bind() are counted")
    } catch {
      throw .refused("counting refused ports: \(refusal); and \(error.reason("a program on its tracepoint"))")
    }
  }

  /// By programs that follow the kernel's functions.
  private static func follow(_ library: borrowing BPFLibrary) throws(ReadError) -> RefusalCounter {
    do throws(BPFObject.Refusal) {
      let object = try unsafe library.load(cbpf_refusals())
      return try attach(
        object, ["refused_connect", "refused_connect6", "refused_bind", "refused_udp"], Refusals.Kind.allCases, reason: nil)
    } catch {
      throw .refused(error.reason("programs that follow its functions (fexit)"))
    }
  }

  private static func attach(
    _ object: borrowing BPFObject, _ programs: [String], _ kinds: [Refusals.Kind], reason: String?
  ) throws(BPFObject.Refusal) -> RefusalCounter {
    do throws(ReadError) {
      let control = try object.memory(".bss.control")
      let namespaces = try object.memory("refused_in")
      let cases = try object.memory("refused")
      return RefusalCounter(
        try AttachedPrograms(object, programs), control: control, namespaces: namespaces, cases: cases, kinds, reason: reason)
    } catch {
      throw BPFObject.Refusal(error)
    }
  }
}

// MARK: Reading

extension RefusalCounter {
  /// A table that is no longer filled is emptied after this long: by then no program is at work in it.
  private static let settling = Duration.seconds(1)
  /// How many namespaces and cases are remembered of tables that were emptied.
  private static let limits = (namespaces: 1024, cases: 2048)

  /// What is known of tables that were emptied, and of the one that waits for it.
  struct Past: ~Copyable {
    var counts = RefusalCounts()
    /// When the other table took its place.
    var turned: ContinuousClock.Instant?
  }

  /// All that was refused so far. From a quarter on the programs are sent to other tables, and those are emptied once nobody is at work in them.
  ///
  /// - Parameter now: the time, which a test may set.
  borrowing func read(_ past: inout Past, now: ContinuousClock.Instant = .now) -> RefusalCounts {
    let current = Int(unsafe control.elements(refusals_control.self).pointee.generation % 2)
    if let turned = past.turned, now - turned >= Self.settling {
      past.counts.formUnion(table(1 - current))
      past.counts.forget(namespacesBeyond: Self.limits.namespaces, casesBeyond: Self.limits.cases)
      empty(1 - current)
      past.turned = nil
    }
    let filled = table(current)
    var all = past.counts
    if past.turned != nil { all.formUnion(table(1 - current)) }
    all.formUnion(filled)
    // Of a fuller one not every case would find a row.
    let isFilling =
      filled.namespaces.count > Self.rows(refusals_namespace.self) / 4 || filled.cases.count > Self.rows(refusals_case.self) / 4
    if past.turned == nil, isFilling {
      unsafe control.elements(refusals_control.self).pointee.generation += 1
      past.turned = now
    }
    return all
  }

  /// Refused in namespaces that there was no room for.
  borrowing func elsewhere() -> Refusals.Counts {
    Refusals.Counts(unsafe control.elements(refusals_control.self).pointee.elsewhere)
  }

  /// How many calls the programs were not run for since they are attached; `nil` if the kernel does not say so.
  borrowing func missed() -> UInt64? { programs.missed }

  private static func rows<Row>(_ row: Row.Type) -> Int { row == refusals_case.self ? Int(REFUSALS_CASES) : Int(REFUSALS_NAMESPACES) }

  private borrowing func table(_ number: Int) -> RefusalCounts {
    var result = RefusalCounts()
    let inNamespaces = unsafe namespaces.elements(refusals_namespace.self) + number * Self.rows(refusals_namespace.self)
    for index in 0..<Self.rows(refusals_namespace.self) {
      let row = unsafe inNamespaces[index]
      guard row.is_used != 0 else { continue }
      result.add(Refusals.Counts(row.counts), last: row.last, in: .init(id: .init(rawValue: UInt64(row.netns)), cookie: row.cookie))
    }
    let rows = unsafe cases.elements(refusals_case.self) + number * Self.rows(refusals_case.self)
    for index in 0..<Self.rows(refusals_case.self) {
      let row = unsafe rows[index]
      guard row.is_used != 0, let each = RefusalCounts.Case(row.key) else { continue }
      result.add(row.count, last: row.last, of: each)
    }
    return result
  }

  private borrowing func empty(_ number: Int) {
    let (inNamespaces, inCases) = (Self.rows(refusals_namespace.self), Self.rows(refusals_case.self))
    unsafe memset(
      namespaces.elements(refusals_namespace.self) + number * inNamespaces, 0, inNamespaces * MemoryLayout<refusals_namespace>.stride)
    unsafe memset(cases.elements(refusals_case.self) + number * inCases, 0, inCases * MemoryLayout<refusals_case>.stride)
  }
}

extension Refusals.Counts {
  fileprivate init(_ counts: (UInt64, UInt64, UInt64, UInt64)) {
    self.init([.connect: counts.0, .connectBound: counts.1, .bind: counts.2, .udp: counts.3])
  }
}

extension RefusalCounts.Case {
  /// `nil` for a kind that no program counts.
  fileprivate init?(_ key: refusals_key) {
    guard Int(key.kind) < Refusals.Kind.allCases.count else { return nil }
    let kind = Refusals.Kind.allCases[Int(key.kind)]
    let source = IPAddress(memoryWords: key.source)
    self.init(
      namespace: .init(id: .init(rawValue: UInt64(key.netns)), cookie: key.cookie), kind: kind,
      tuple: Tuple(
        source: source, destination: kind.hasDestination ? IPAddress(memoryWords: key.destination) : source.unspecified,
        destinationPort: Port(bigEndian: key.port)),
      program: Self.text(key.program))
  }

  /// A text that zeros fill up.
  private static func text(_ words: (UInt64, UInt64)) -> String {
    let bytes = [words.0, words.1].flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word.littleEndian >> ($0 * 8)) } }
    return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
  }
}

extension RefusalCounter {
  /// Names the calling thread so that what is refused to it is not counted, by this or another Portpool: it only tries what the kernel does. The
  /// corresponding C function is `prctl` with `PR_SET_NAME`.
  package static func exceptThisThread() { cbpf_name_trial() }
}

// MARK: The counter of this process

extension RefusalCounter {
  /// What was counted, and what about it is not whole.
  package struct Reading: Sendable, Hashable {
    package let kinds: [Refusals.Kind]
    package let counts: RefusalCounts
    /// Refused in namespaces that there was no room for.
    package let elsewhere: Refusals.Counts
    /// How many calls the programs were not run for, refused or not: ``counts`` lacks at most this many refusals. `nil` if the kernel does not say it.
    package let missed: UInt64?
    /// Why not all kinds are counted; `nil` if they are.
    package let remark: String?
    /// What is added to a time of ``counts`` for nanoseconds since 1970.
    package let epoch: Int64

    package init(
      kinds: [Refusals.Kind], counts: RefusalCounts, elsewhere: Refusals.Counts, missed: UInt64?, remark: String?, epoch: Int64
    ) {
      self.kinds = kinds
      self.counts = counts
      self.elsewhere = elsewhere
      self.missed = missed
      self.remark = remark
      self.epoch = epoch
    }
  }

  private struct Shared: ~Copyable {
    var begun = BegunOnce<RefusalCounter>()
    var past = Past()

    mutating func begin() { begun.begin { () throws(ReadError) in try RefusalCounter.begin() } }

    mutating func reading() throws(ReadError) -> Reading {
      switch begun.value {
      case .some(let counter):
        let (counts, elsewhere) = (counter.read(&past), counter.elsewhere())
        // Read last, so that it has whatever was missed before the counts were read.
        let missed = counter.missed()
        return Reading(
          kinds: counter.kinds, counts: counts, elsewhere: elsewhere, missed: missed, remark: counter.reason, epoch: WallClock.epoch)
      case .none: throw begun.refusal
      }
    }
  }

  private static let shared = Mutex(Shared())

  /// Begins to count, once for the process. To be called while it has the rights.
  ///
  /// - Returns: why refusals cannot be counted; `nil` if they can.
  @discardableResult
  package static func prepare() -> String? {
    shared.withLock { shared in
      shared.begin()
      return shared.begun.reason
    }
  }

  /// What was refused since ``prepare()``, which the first call does if nobody has.
  ///
  /// - Throws: why refusals cannot be counted.
  package static func reading() throws(ReadError) -> Reading {
    try shared.withLock { (shared) throws(ReadError) -> Reading in
      shared.begin()
      return try shared.reading()
    }
  }
}
