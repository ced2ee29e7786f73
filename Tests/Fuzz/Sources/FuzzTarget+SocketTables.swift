import KernelFormats
import PortModel

extension FuzzTarget {
  /// A table that is read in pieces gives what it gives when it is read at once.
  static let socketTables: [FuzzTarget] = SocketTableFormat.all.map { format in
    FuzzTarget(name: "proc-net-" + format.fileName) { bytes in
      let table = Reading<SocketRecord>.whole(bytes) {
        var parser = SocketTableParser(format)
        return { unread, isLast, found throws(FormatError) in
          try parser.parse(unread, isLast: isLast) { record in
            found(record)
            return true
          }
        }
      }
      for record in table.entries {
        require(record.transport == format.transport, "a record of another table: \(record)")
        require(format.isIPv6 || record.family == .ipv4, "an IPv6 record in an IPv4 table: \(record)")
        let mayWait = record.state == .timeWait || record.state == .finWait2
        require(mayWait || record.timeWaitRemaining == 0, "a TIME_WAIT timer without TIME_WAIT: \(record)")
        require(!record.state.name(format.transport).isEmpty, "a state without a name: \(record)")
      }
    }
  }
}
