/// Programs that the kernel runs whenever what they follow happens, for as long as this lives.
struct AttachedPrograms: ~Copyable {
  private let programs: [Attached]

  /// Attaches the programs of these names, in this order: all or none.
  init(_ object: borrowing BPFObject, _ names: [String]) throws(ReadError) {
    var programs: [Attached] = []
    for name in names { programs.append(try Attached(try object.program(name))) }
    self.programs = programs
  }

  /// How often they were not run since then for what they follow; ``BPFProgram/recursionMisses``. `nil` if the kernel does not say it.
  var missed: UInt64? {
    var sum: UInt64 = 0
    for program in programs {
      guard let missed = program.missed else { return nil }
      sum &+= missed
    }
    return sum
  }

  private final class Attached: Sendable {
    private let program: BPFProgram
    /// Keeps it attached.
    private let link: FileDescriptor

    init(_ program: consuming BPFProgram) throws(ReadError) {
      link = try program.attach()
      self.program = program
    }

    var missed: UInt64? { program.recursionMisses }
  }
}
