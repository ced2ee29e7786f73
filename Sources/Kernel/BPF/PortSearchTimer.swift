internal import CBPF
package import PortModel
internal import Synchronization

/// Times the kernel's search for a free port, in every namespace: programs that run when the kernel's own functions begin and return add up in memory of a
/// fixed size, which is read in place. docs/counting-in-the-kernel.md says what that does to the kernel.
///
/// Attaching takes CAP_BPF and CAP_PERFMON, or CAP_SYS_ADMIN; to go on takes no right. There is one timer in a process, and it counts from the moment that it
/// is made.
package struct PortSearchTimer: ~Copyable {
  private let programs: AttachedPrograms
  private let searched: BPFMemory

  private init(_ programs: consuming AttachedPrograms, searched: consuming BPFMemory) {
    self.programs = programs
    self.searched = searched
  }

  /// The ends before the beginnings: what has begun then also ends.
  private static let names = [
    "end_connect", "end_connect6", "end_bind", "end_udp", "begin_connect", "begin_connect6", "begin_bind", "begin_udp",
  ]

  /// Attaches the programs, and lets go of all that was needed for it.
  ///
  /// - Throws: one sentence that says what is missing.
  private static func begin() throws(ReadError) -> PortSearchTimer {
    let purpose = "timing the search for ports"
    let library = try BPFLibrary(for: purpose)
    do throws(BPFObject.Refusal) {
      let object = try unsafe library.load(cbpf_search())
      do throws(ReadError) {
        let searched = try object.memory("searched")
        return PortSearchTimer(try AttachedPrograms(object, names), searched: searched)
      } catch {
        throw BPFObject.Refusal(error)
      }
    } catch {
      throw .refused("\(purpose): \(error.reason("programs that follow its functions (fentry and fexit)"))")
    }
  }

  private borrowing func read() -> PortSearches {
    let count = Int(SEARCH_SHARES) * MemoryLayout<search_share>.stride / MemoryLayout<UInt64>.stride
    return unsafe PortSearches(shares: Array(UnsafeBufferPointer(start: searched.elements(UInt64.self), count: count)))
  }
}

extension PortSearches {
  /// The bounds that the programs count by, in seconds.
  private static let upperBounds = (0..<Int(SEARCH_BOUNDS)).map { Double(Int(SEARCH_LEAST) << (2 * $0)) / 1e9 }
  /// No count is taken for more than this, so that sums of them stay in range whatever is in that memory.
  private static let most: UInt64 = 1 << 56

  /// The programs' memory as words: for each share of the processors (`search_share`), for each kind, the buckets and the nanoseconds (`search_times`).
  package init(shares words: [UInt64]) {
    let share = MemoryLayout<search_share>.stride / MemoryLayout<UInt64>.stride
    let kind = MemoryLayout<search_times>.stride / MemoryLayout<UInt64>.stride
    var times: [Kind: Times] = [:]
    for (number, each) in Kind.allCases.enumerated() {
      var sums = [UInt64](repeating: 0, count: kind)
      for start in stride(from: number * kind, through: words.count - kind, by: share) {
        for place in 0..<kind { sums[place] &+= words[start + place] }
      }
      times[each] = Times(bucketCounts: sums.dropLast().map { min($0, Self.most) }, sum: Double(sums[kind - 1]) / 1e9)
    }
    self.init(upperBounds: Self.upperBounds, times: times)
  }
}

// MARK: The timer of this process

extension PortSearchTimer {
  private static let shared = Mutex(BegunOnce<PortSearchTimer>())

  /// Begins to time, once for the process. To be called while it has the rights.
  package static func prepare() { shared.withLock { $0.begin { () throws(ReadError) in try PortSearchTimer.begin() } } }

  /// What was timed since ``prepare()``, which the first call does if nobody has.
  ///
  /// - Throws: why searches cannot be timed.
  package static func reading() throws(ReadError) -> PortSearches {
    prepare()
    return try shared.withLock { (shared) throws(ReadError) -> PortSearches in
      switch shared.value {
      case .some(let timer): return timer.read()
      case .none: throw shared.refusal
      }
    }
  }
}
