import KernelFormats
import PortModel

extension FuzzTarget {
  /// The first byte chooses the question that was asked, the rest is the datagram that answers it, with sequence number 1.
  static let netlink: [FuzzTarget] = [
    FuzzTarget(name: "inet-diag") { bytes in
      guard let choice = bytes.first else { return }
      let tables: [InetDiagRequest.Table] = [.tcp, .udp(.ipv4), .udp(.ipv6)]
      let request = InetDiagRequest(tables[Int(choice) % tables.count])
      let datagram = Array(bytes.dropFirst())

      let whole = answer(request, [datagram])
      require(whole.records.count * 88 <= datagram.count, "\(whole.records.count) sockets in \(datagram.count) bytes")
      for record in whole.records {
        require((record.transport == .tcp) == (request.table == .tcp), "a socket of another protocol: \(record)")
        let mayWait = record.state == .timeWait || record.state == .finWait2
        require(mayWait || record.timeWaitRemaining == 0, "a TIME_WAIT timer without TIME_WAIT: \(record)")
        require(!record.isIPv6Only || [.listen, .close].contains(record.state), "IPv6-only with a peer: \(record)")
      }
      let messages = messages(in: datagram)
      if messages.count > 1 {
        let single = answer(request, messages)
        require(single.records == whole.records, "message by message \(single.records), at once \(whole.records)")
        require(single.isInterrupted == whole.isInterrupted, "the interruption depends on how messages are packed")
      }
    },
    // The datagram that answers the question about one connection.
    FuzzTarget(name: "inet-diag-lookup") { bytes in
      let tuple = Tuple(source: .loopbackIPv4, destination: .loopbackIPv4, destinationPort: 443)
      do throws(FormatError) {
        let answer = try InetDiagLookup(tuple, localPort: 40001, device: 0).usesTimestamps(bytes.span, sequence: 7)
        require(answer == nil || bytes.count >= 16 + 72 + 4 + 6, "\(bytes.count) bytes cannot say \(answer == true)")
      } catch {
        require(error.column > 0, "an error without a place: \(error)")
      }
    },
  ]

  private struct Answer: Equatable {
    var records: [SocketRecord] = []
    var isInterrupted = false
  }

  private static func answer(_ request: InetDiagRequest, _ datagrams: [[UInt8]]) -> Answer {
    var decoder = InetDiagDecoder(request, sequence: 1)
    var answer = Answer()
    do throws(FormatError) {
      for datagram in datagrams {
        let progress = try decoder.decode(datagram.span) { answer.records.append($0) }
        if case .refused(let number) = progress { require(number > 0, "refused with \(number)") }
        if progress != .more { break }
      }
    } catch {
      require(error.column > 0, "an error without a place: \(error)")
    }
    answer.isInterrupted = decoder.isInterrupted
    return answer
  }

  /// The datagram cut where its messages begin, as far as their lengths make sense; the rest is one piece.
  private static func messages(in datagram: [UInt8]) -> [[UInt8]] {
    var (messages, rest) = ([[UInt8]](), datagram[...])
    while rest.count >= 16 {
      let length = rest.prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
      guard length >= 16, length <= rest.count else { break }
      messages.append(Array(rest.prefix((length + 3) & ~3)))
      rest = rest.dropFirst((length + 3) & ~3)
    }
    if !rest.isEmpty { messages.append(Array(rest)) }
    return messages
  }
}
