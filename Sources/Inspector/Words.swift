internal import Terminal

/// `1 connection`, `3 connections`, `1,024 connections`
func counted(_ number: some BinaryInteger, _ noun: String, plural: String? = nil) -> String {
  "\(grouped(number)) \(number == 1 ? noun : plural ?? noun + "s")"
}

/// `28,232`
func grouped(_ number: some BinaryInteger) -> String { NumberText.count(number) }

/// `a`, `a and b`, `a, b and c`
func listed(_ words: [String]) -> String {
  guard let last = words.last, words.count > 1 else { return words.first ?? "" }
  return words.dropLast().joined(separator: ", ") + " and " + last
}

/// `43.2 s`
func seconds(_ milliseconds: UInt32) -> String { NumberText.seconds(tenths: Int(milliseconds / 100)) }

/// A name that a program or a user chose, in a sentence that is also written into JSON. What is only printed does not need this: lines escape their text.
func printable(_ name: String) -> String { PrintableText(name).text }
