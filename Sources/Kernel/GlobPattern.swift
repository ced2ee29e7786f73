internal import Glibc

/// A pattern for names, as a shell has it: `*` is any text, `?` one character, and the whole name has to match.
///
/// `cni-*` matches `cni-4f1a2b3c`; `web` matches only `web`. The corresponding C function is `fnmatch`, which also knows `[a-c]`, and `\*` for a
/// star itself. Characters are bytes, as in every program that sets no locale.
package struct GlobPattern: Sendable, Hashable {
  package let text: String

  package init(_ text: String) {
    self.text = text
  }

  /// - Complexity: O(name × pattern) at worst: no star but the last is ever tried again.
  package func matches(_ name: String) -> Bool { unsafe fnmatch(text, name, 0) == 0 }
}
