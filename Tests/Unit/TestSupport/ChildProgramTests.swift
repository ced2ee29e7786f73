import TestSupport
import Testing

@Suite("Child programs")
struct ChildProgramTests {
  @Test("a program's exit code, output and errors are told apart")
  func outcome() throws {
    let outcome = try ChildProgram.run("sh", ["-c", "echo out; echo err >&2; exit 7"])
    #expect(outcome.status == 7)
    #expect(outcome.standardOutput == "out\n")
    #expect(outcome.standardError == "err\n")
  }

  @Test("a program gets the variables it is given and none that was taken away")
  func environment() throws {
    let outcome = try ChildProgram.run("env", environment: ["PORTPOOL_TEST": "a b", "HOME": ""])
    let lines = outcome.standardOutput.split(separator: "\n")
    #expect(lines.contains("PORTPOOL_TEST=a b"))
    #expect(!lines.contains { $0.hasPrefix("HOME=") })
  }

  @Test("a program can be waited for, signalled and stopped")
  func signals() throws {
    let program = try ChildProgram("sh", ["-c", "trap 'echo bye; exit 3' TERM; echo ready; while :; do sleep 0.01; done"])
    try program.waitUntilItSays("ready")
    let outcome = try program.stop()
    #expect(outcome.status == 3)
    #expect(outcome.standardOutput == "ready\nbye\n")
  }

  @Test("a program that takes too long is killed")
  func tooLong() throws {
    #expect(throws: ChildProgramError.self) { try ChildProgram.run("sleep", ["60"], seconds: 0.1) }
  }

  @Test("a program that ends early is not waited for")
  func endsEarly() throws {
    let program = try ChildProgram("sh", ["-c", "exit 9"])
    #expect(throws: ChildProgramError.self) { try program.waitUntilItSays("never") }
  }

  @Test("a program that is not there is an error of posix_spawn")
  func missing() {
    #expect(throws: SystemCallFailure("posix_spawn /no/such/program", 2)) { try ChildProgram("/no/such/program") }
  }
}
