import Scraper
import Testing

struct GlobPatternTests {
  @Test(
    "a pattern matches whole names",
    arguments: [
      ("web", "web", true), ("web", "web2", false), ("web", "aweb", false), ("*", "", true), ("*", "anything", true), ("", "", true),
      ("", "a", false), ("cni-*", "cni-4f1a", true), ("cni-*", "xcni-4f1a", false), ("*-db", "test-db", true), ("*-db", "test-db2", false),
      ("a*b*c", "a-b-b-c", true), ("a*b*c", "a-c-b", false),
      ("??", "ab", true), ("??", "abc", false), ("?*?", "ab", true), ("?*?", "a", false),
      ("*aab", "aaaab", true), ("näme?", "näme1", true),
    ])
  func matches(pattern: String, name: String, expected: Bool) {
    #expect(GlobPattern(pattern).matches(name) == expected)
  }

  @Test("a pattern of many stars does not take for ever", .timeLimit(.minutes(1)))
  func manyStars() {
    let pattern = GlobPattern(String(repeating: "a*", count: 50) + "b")
    #expect(!pattern.matches(String(repeating: "a", count: 2000)))
  }
}
