import KernelFormats
import Testing

@Suite("What the kernel tells of a descriptor")
struct DescriptorFormatTests {
  private func misses(_ text: String) throws(FormatError) -> UInt64? { try DescriptorFormat.recursionMisses(Array(text.utf8).span) }

  /// As Linux 6.12 writes it.
  private static let program = """
    pos:\t0
    flags:\t02000002
    mnt_id:\t16
    ino:\t1060
    prog_type:\t26
    prog_jited:\t1
    prog_tag:\t6d2f2f8ac5b2f1ae
    memlock:\t8192
    prog_id:\t57
    run_time_ns:\t0
    run_cnt:\t0
    recursion_misses:\t312
    verified_insns:\t1043

    """

  @Test("a program that was not run 312 times, whatever lines are around it")
  func program() throws {
    #expect(try misses(Self.program) == 312)
    #expect(try misses("recursion_misses:\t0") == 0)
    #expect(try misses("recursion_misses:\t18446744073709551615\n") == .max)
  }

  @Test(
    "before Linux 5.12, and for anything but a program, nothing is said",
    arguments: ["", "\n\n", "pos:\t0\nrun_cnt:\t7\n", "misses:\t1\n"])
  func silent(text: String) throws {
    #expect(try misses(text) == nil)
    #expect(try misses(Self.program.replacing("recursion_misses", with: "run_misses")) == nil)
  }

  @Test(
    "anything but a number is an error with its place",
    arguments: [
      ("recursion_misses:\tx\n", 19, "\"x\""), ("recursion_misses:", 18, "end of file"),
      ("recursion_misses:\t\nverified_insns:\t9\n", 19, "end of line"),
      ("recursion_misses:\t-1\n", 19, "\"-1\""), ("recursion_misses:\t12 3\n", 19, "\"12\""),
      ("recursion_misses:\t18446744073709551616\n", 19, "\"18446744073709551616\""), ("recursion_misses:\t1x\n", 19, "\"1x\""),
    ])
  func broken(text: String, column: Int, found: String) {
    #expect(throws: FormatError(column: column, field: "recursion_misses", expected: "a number", found: found)) { try misses(text) }
  }
}
