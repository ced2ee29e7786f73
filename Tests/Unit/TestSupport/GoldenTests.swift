import TestSupport
import Testing

@Suite("Golden files")
struct GoldenTests {
  @Test("equal texts have no difference")
  func equal() {
    #expect(Golden.difference("a\nb\n", "a\nb\n") == nil)
  }

  @Test("a difference names the lines of both texts")
  func lines() {
    #expect(Golden.difference("a\nb\nc\n", "a\nB\nc\n") == "-2: b\n+2: B" || Golden.difference("a\nb\nc\n", "a\nB\nc\n") == "+2: B\n-2: b")
  }

  @Test("a missing last line feed is a difference")
  func lineFeed() {
    #expect(Golden.difference("a\n", "a") != nil)
  }

  @Test("a golden file that is missing fails the test")
  func missing() throws {
    let problem = try Golden.problem("a", "golden/no-such-file.txt")
    #expect(problem == "golden/no-such-file.txt is missing; record it with UPDATE_GOLDEN=1")
  }
}
