import Kernel
import Testing

struct GlobPatternTests {
  @Test(
    "a pattern matches whole names",
    arguments: [
      ("web", "web", true), ("web", "web2", false), ("web", "aweb", false), ("*", "", true), ("*", "anything", true), ("", "", true),
      ("", "a", false), ("cni-*", "cni-4f1a", true), ("cni-*", "xcni-4f1a", false), ("*-db", "test-db", true), ("*-db", "test-db2", false),
      ("a*b*c", "a-b-b-c", true), ("a*b*c", "a-c-b", false),
      ("??", "ab", true), ("??", "abc", false), ("?*?", "ab", true), ("?*?", "a", false),
      ("*aab", "aaaab", true), ("näme?", "näme1", true), ("db-[0-9]", "db-7", true), ("db-[0-9]", "db-x", false),
    ])
  func matches(pattern: String, name: String, expected: Bool) {
    #expect(GlobPattern(pattern).matches(name) == expected)
  }

  @Test(
    "a hostile pattern takes no longer than its length times the name's", .timeLimit(.minutes(1)), arguments: ["a*", "*a", "?*", "*[a-b]"])
  func manyStars(piece: String) {
    let pattern = GlobPattern(String(repeating: piece, count: 500) + "c")
    let start = ContinuousClock.now
    #expect(!pattern.matches(String(repeating: "a", count: 20_000)))
    #expect(ContinuousClock.now - start < .seconds(10))
  }
}
