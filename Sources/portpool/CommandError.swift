/// What ends a command: one sentence that names the flag or file, the place and the remedy. Exit status 1.
struct CommandError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) {
    self.description = description
  }
}
