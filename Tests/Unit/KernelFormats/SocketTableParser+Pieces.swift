import KernelFormats
import PortModel

extension SocketTableParser {
  /// Parses a table that arrives in the pieces that `cuts` divide it into: what a call leaves comes again, with the next piece behind it.
  ///
  /// - Returns: the records, and the line that would be read next.
  static func records(
    of text: String, _ format: SocketTableFormat, cuts: [Int] = []
  ) throws(FormatError) -> (records: [SocketRecord], line: Int) {
    let bytes = [UInt8](text.utf8)
    var parser = SocketTableParser(format)
    var records: [SocketRecord] = []
    var start = 0
    for end in cuts + [bytes.count] {
      start += try parser.parse(Array(bytes[start..<end]).span, isLast: end == bytes.count && cuts.last != end) { record in
        records.append(record)
        return true
      }
    }
    // A file that ended exactly at a cut says so with an empty read.
    if cuts.last == bytes.count {
      start += try parser.parse(Array(bytes[start...]).span, isLast: true) { _ in true }
    }
    return (records, parser.line)
  }

  /// The error of a broken table; `nil` if there is none.
  static func error(in text: String, _ format: SocketTableFormat, cuts: [Int] = []) -> FormatError? {
    do throws(FormatError) {
      _ = try records(of: text, format, cuts: cuts)
      return nil
    } catch {
      return error
    }
  }
}
