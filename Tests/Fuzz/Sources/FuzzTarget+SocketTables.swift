import KernelFormats
import PortModel

extension FuzzTarget {
  /// A table that is read in pieces gives what it gives when it is read at once.
  static let socketTables: [FuzzTarget] = SocketTableFormat.all.map { format in
    FuzzTarget(name: "proc-net-" + format.fileName) { bytes in
      let whole = records(format, bytes, pieceLength: max(bytes.count, 1))
      let pieceLength = Int(bytes.first ?? 0) + 1
      let pieces = records(format, bytes, pieceLength: pieceLength)
      require(whole == pieces, "at once \(whole), in pieces of \(pieceLength) \(pieces)")
      for record in whole.records {
        require(record.transport == format.transport, "a record of another table: \(record)")
        require(format.isIPv6 || record.family == .ipv4, "an IPv6 record in an IPv4 table: \(record)")
        require(record.state == .timeWait || record.timeWaitRemaining == 0, "a TIME_WAIT timer without TIME_WAIT: \(record)")
        require(!record.state.name(format.transport).isEmpty, "a state without a name: \(record)")
      }
    }
  }

  private struct TableReading: Equatable {
    var records: [SocketRecord] = []
    var error: String?
  }

  /// Reads as the scraper does: what a piece leaves unread comes again in front of the next one.
  private static func records(_ format: SocketTableFormat, _ bytes: [UInt8], pieceLength: Int) -> TableReading {
    var parser = SocketTableParser(format)
    var reading = TableReading()
    var (buffer, position) = ([UInt8](), 0)
    repeat {
      let end = min(position + pieceLength, bytes.count)
      buffer += bytes[position..<end]
      position = end
      do throws(FormatError) {
        let taken = try parser.parse(buffer.span, isLast: position == bytes.count) {
          reading.records.append($0)
          return true
        }
        require(taken <= buffer.count, "took \(taken) of \(buffer.count) bytes")
        buffer.removeFirst(taken)
      } catch {
        reading.error = "\(error.line): \(error.field): \(error.expected)"
        return reading
      }
    } while position < bytes.count
    return reading
  }
}
