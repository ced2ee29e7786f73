/// What connection tracking did since the namespace began, from `/proc/net/stat/nf_conntrack`: a line of names, then one of hexadecimal numbers
/// for each processor.
///
/// ```
/// entries  clashres found new invalid ignore delete chainlength insert insert_failed drop early_drop icmp_error …
/// 0000012c  00000000 00000000 00000000 00000007 00000000 00000000 00000000 00000000 00000003 00000001 00000000 00000000 …
/// ```
/// Kernel: `ct_cpu_seq_show` in `net/netfilter/nf_conntrack_standalone.c`.
package struct ConntrackStatFormat: Sendable, Hashable {
  /// New connections that could not be entered, such as when translation found no free port.
  package let insertFailed: UInt64
  /// Packets that were dropped: because the table was full, or because they could not be entered, which ``insertFailed`` counts as well.
  package let dropped: UInt64
  /// Entries that were thrown out early to make room.
  package let droppedEarly: UInt64
  /// Times that the search for a free port came upon one that is taken.
  package let found: UInt64

  /// Sums over the processors. A counter that this kernel does not have is 0.
  ///
  /// - Throws: a file without its line of names, a number that is not hexadecimal, a line that is too short.
  package init(_ bytes: borrowing Span<UInt8>) throws(FormatError) {
    var end = bytes.endOfLine(from: 0)
    let names = bytes.words(0, end).map { bytes.text($0) }
    guard names.first == "entries" else {
      throw FormatError(bytes, at: 0, field: "names", expected: "a line that begins with \"entries\"")
    }
    var sums = [UInt64](repeating: 0, count: names.count)
    var (start, line) = (end + 1, 2)
    while start < bytes.count {
      end = bytes.endOfLine(from: start)
      let words = bytes.words(start, end)
      guard words.count >= names.count else {
        throw FormatError(bytes, at: end, lineStart: start, line: line, field: names[words.count], expected: "\(names.count) numbers")
      }
      for (index, name) in names.enumerated() {
        guard let value = UInt64(bytes.text(words[index]), radix: 16) else {
          throw FormatError(bytes, at: words[index].lowerBound, lineStart: start, line: line, field: name, expected: "a hexadecimal number")
        }
        sums[index] &+= value
      }
      (start, line) = (end + 1, line + 1)
    }
    func sum(_ name: String) -> UInt64 { names.firstIndex(of: name).map { sums[$0] } ?? 0 }
    insertFailed = sum("insert_failed")
    dropped = sum("drop")
    droppedEarly = sum("early_drop")
    found = sum("found")
  }
}
