import KernelFormats

/// What a parser gave of a table that it was handed in pieces.
struct Reading<Entry: Equatable>: Equatable {
  private(set) var entries: [Entry] = []
  private var error: String?

  /// Reads as the scraper does: what a piece leaves unread comes again in front of the next one.
  private init(_ bytes: [UInt8], pieceLength: Int, _ parse: Parse) {
    var (buffer, position) = ([UInt8](), 0)
    repeat {
      let end = min(position + pieceLength, bytes.count)
      buffer += bytes[position..<end]
      position = end
      do throws(FormatError) {
        let taken = try parse(buffer.span, position == bytes.count) { entries.append($0) }
        require(taken <= buffer.count, "took \(taken) of \(buffer.count) bytes")
        buffer.removeFirst(taken)
      } catch {
        self.error = "\(error.line): \(error.field): \(error.expected)"
        return
      }
    } while position < bytes.count
  }

  /// Parses what is unread, says how much of it that took, and hands out what it found.
  typealias Parse = (_ unread: borrowing Span<UInt8>, _ isLast: Bool, _ found: (Entry) -> Void) throws(FormatError) -> Int

  /// The reading of a table at once, which must be that of the same table in pieces.
  ///
  /// - Parameter makeParse: a parser at the beginning of a table.
  static func whole(_ bytes: [UInt8], _ makeParse: () -> Parse) -> Reading {
    let whole = Reading(bytes, pieceLength: max(bytes.count, 1), makeParse())
    let pieceLength = Int(bytes.first ?? 0) + 1
    let pieces = Reading(bytes, pieceLength: pieceLength, makeParse())
    require(whole == pieces, "at once \(whole), in pieces of \(pieceLength) \(pieces)")
    return whole
  }
}
