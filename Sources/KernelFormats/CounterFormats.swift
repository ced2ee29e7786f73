/// What `/proc/net/sockstat` and `sockstat6` count for a namespace, without walking a table.
///
/// ```
/// sockets: used 290
/// TCP: inuse 41 orphan 0 tw 12 alloc 45 mem 3
/// UDP: inuse 3 mem 0
/// ```
/// Kernel: `sockstat_seq_show` in `net/ipv4/proc.c`, `sockstat6_seq_show` in `net/ipv6/proc.c`.
package struct SockstatFormat: Sendable, Hashable {
  /// Sockets of every kind that programs of the namespace have open; only `sockstat` has it. TCP sockets that are bound and nothing more are in here
  /// and in no other number.
  package let sockets: UInt64?
  /// TCP sockets of this file's family that are not in TIME_WAIT.
  package let tcp: UInt64
  /// TCP sockets of both families in TIME_WAIT; only `sockstat` has it.
  package let timeWait: UInt64
  /// UDP sockets of this file's family.
  package let udp: UInt64
  /// TCP sockets of both families that programs of the whole host have open, bound or not; only `sockstat` has it.
  package let allocated: UInt64?

  /// Reads either file: the names in `sockstat6` end in 6. `nil` for an empty file, which some sandboxes have in its place.
  package init?(_ bytes: borrowing Span<UInt8>) throws(FormatError) {
    guard !bytes.isEmpty else { return nil }
    var (sockets, tcp, timeWait, udp): (UInt64?, UInt64?, UInt64, UInt64) = (nil, nil, 0, 0)
    var allocated: UInt64?
    var lines = LineCursor()
    while let line = lines.next(in: bytes) {
      if bytes.hasPrefix("TCP: ", at: line.start) || bytes.hasPrefix("TCP6: ", at: line.start) {
        tcp = try Self.value(bytes, "inuse", line) ?? 0
        timeWait = try Self.value(bytes, "tw", line) ?? 0
        allocated = try Self.value(bytes, "alloc", line)
      } else if bytes.hasPrefix("UDP: ", at: line.start) || bytes.hasPrefix("UDP6: ", at: line.start) {
        udp = try Self.value(bytes, "inuse", line) ?? 0
      } else if bytes.hasPrefix("sockets: ", at: line.start) {
        sockets = try Self.value(bytes, "used", line)
      }
    }
    guard let tcp else { throw FormatError(missingFrom: bytes, lines: lines, field: "TCP", expected: "a line that begins with TCP") }
    self.sockets = sockets
    self.tcp = tcp
    self.timeWait = timeWait
    self.udp = udp
    self.allocated = allocated
  }

  /// The number behind the word `name` in a line; `nil` when the line has no such word.
  ///
  /// The kernel prints each as an `int`. A larger number is refused, so that sums of them cannot overflow.
  private static func value(_ bytes: borrowing Span<UInt8>, _ name: StaticString, _ line: TextLine) throws(FormatError) -> UInt64? {
    var index = line.start
    while index < line.end {
      let isWord = index > line.start && bytes[index - 1] == 0x20 && bytes.hasPrefix(name, at: index)
      let behind = index + name.utf8CodeUnitCount
      guard isWord, behind < line.end, bytes[behind] == 0x20 else {
        index += 1
        continue
      }
      index = behind + 1
      guard let value = bytes.decimal(&index), value <= UInt64(Int32.max) else {
        throw FormatError(bytes, at: behind + 1, in: line, field: "\(name)", expected: "a number up to 2147483647")
      }
      return value
    }
    return nil
  }
}

/// The counters of `/proc/net/netstat` and `/proc/net/snmp`: a line of names, then a line of numbers, both behind the group's name.
///
/// ```
/// TcpExt: SyncookiesSent … TW TWRecycled TWKilled …
/// TcpExt: 0 … 4211 0 0 …
/// ```
/// Kernel: `netstat_seq_show` in `net/ipv4/proc.c`. Which names there are differs from kernel to kernel; gVisor prints names without numbers.
package enum NetstatFormat {
  /// The value of one counter, which may be negative (`Tcp MaxConn -1`); `nil` when this kernel has none of that name, or no number for it.
  ///
  /// - Throws: a line of names with a line of fewer or more numbers.
  package static func value(_ bytes: borrowing Span<UInt8>, _ group: String, _ name: String) throws(FormatError) -> Int64? {
    var lines = LineCursor()
    var names: [Range<Int>] = []
    while let next = lines.next(in: bytes) {
      let values = bytes.words(next.start, next.end)
      guard let first = names.first, let same = values.first, bytes.text(first) == bytes.text(same) else {
        // The first line of a group. The one before it, if it still waits for its numbers, has none.
        names = values
        continue
      }
      defer { names = [] }
      if values.count == 1 { continue }
      guard values.count == names.count else {
        throw FormatError(bytes, at: next.start, in: next, field: "values", expected: "as many numbers as the line above has names")
      }
      if bytes.text(first) == group + ":", let place = names.firstIndex(where: { bytes.text($0) == name }) {
        guard let value = Int64(bytes.text(values[place])) else {
          throw FormatError(bytes, at: values[place].lowerBound, in: next, field: name, expected: "a number")
        }
        return value
      }
    }
    return nil
  }
}

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
    var lines = LineCursor()
    let names = lines.next(in: bytes).map { bytes.words($0.start, $0.end).map { bytes.text($0) } } ?? []
    guard names.first == "entries" else {
      throw FormatError(bytes, at: 0, field: "names", expected: "a line that begins with \"entries\"")
    }
    var sums = [UInt64](repeating: 0, count: names.count)
    while let line = lines.next(in: bytes) {
      let words = bytes.words(line.start, line.end)
      guard words.count >= names.count else {
        throw FormatError(bytes, at: line.end, in: line, field: names[words.count], expected: "\(names.count) numbers")
      }
      for (index, name) in names.enumerated() {
        guard let value = UInt64(bytes.text(words[index]), radix: 16) else {
          throw FormatError(bytes, at: words[index].lowerBound, in: line, field: name, expected: "a hexadecimal number")
        }
        sums[index] &+= value
      }
    }
    func sum(_ name: String) -> UInt64 { names.firstIndex(of: name).map { sums[$0] } ?? 0 }
    insertFailed = sum("insert_failed")
    dropped = sum("drop")
    droppedEarly = sum("early_drop")
    found = sum("found")
  }
}
