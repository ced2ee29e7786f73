internal import Terminal

/// What ends a command: one sentence that names the flag or file, the place and the remedy. Exit status 1.
struct CommandError: Error, CustomStringConvertible {
  let description: String

  /// What the sentence quotes, a path or another host's words, is made printable.
  init(_ description: String) {
    self.description = TextWidth.printable(description)
  }
}
