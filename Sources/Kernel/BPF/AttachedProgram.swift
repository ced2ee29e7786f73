/// A program that the kernel runs by itself, until this is released.
final class AttachedProgram: Sendable {
  private let program: BPFProgram
  /// Keeps it attached.
  private let link: FileDescriptor

  init(_ program: consuming BPFProgram) throws(ReadError) {
    link = try program.attach()
    self.program = program
  }

  /// How often it was not run for what it follows; ``BPFProgram/recursionMisses``.
  var missed: UInt64? { program.recursionMisses }
}
