/// Something the reader should act on.
package struct PageWarning: Sendable, Hashable {
  /// One sentence.
  package let text: String
  /// What to do: a command or a setting, shown as code; empty when the sentence says it.
  package let remedy: String

  /// A warning with its remedy.
  package init(text: String, remedy: String = "") {
    self.text = text
    self.remedy = remedy
  }
}
