/// A pattern for names, as a shell has it: `*` is any text, `?` one character, and the whole name has to match.
///
/// `cni-*` matches `cni-4f1a2b3c`; `web` matches only `web`.
package struct GlobPattern: Sendable, Hashable {
  package let text: String
  private let pattern: [Character]

  package init(_ text: String) {
    self.text = text
    pattern = Array(text)
  }

  /// - Complexity: O(name × pattern) at worst, whatever the pattern.
  package func matches(_ name: String) -> Bool {
    let name = Array(name)
    var (place, next) = (0, 0)
    // Where the last star stood, and how much of the name it has taken so far.
    var star: (pattern: Int, name: Int)?
    while place < name.count {
      if next < pattern.count, pattern[next] == "*" {
        star = (next, place)
        next += 1
      } else if next < pattern.count, pattern[next] == "?" || pattern[next] == name[place] {
        (place, next) = (place + 1, next + 1)
      } else if let last = star {
        star = (last.pattern, last.name + 1)
        (place, next) = (last.name + 1, last.pattern + 1)
      } else {
        return false
      }
    }
    return pattern[next...].allSatisfy { $0 == "*" }
  }
}
