import KernelFormats

extension FuzzTarget {
  static let process: [FuzzTarget] = [
    FuzzTarget(name: "sockstat") { bytes in
      let read = Parsed { () throws(FormatError) in try SockstatFormat(bytes.span) }
      guard let counts = read.value, let counts else { return }
      let more = Array("RAW: inuse 3\n".utf8) + bytes + Array("\nFRAG: inuse 7 memory 0\n".utf8)
      require(Parsed { () throws(FormatError) in try SockstatFormat(more.span) } == .value(counts), "\(counts) depends on other lines")
    },
    FuzzTarget(name: "process-stat") { bytes in
      let read = Parsed { () throws(FormatError) in try ProcessStatFormat(bytes.span) }
      guard let stat = read.value else { return }
      // A longer name in front changes nothing: fields are counted from its end.
      let named = Array("1 (a) b) ".utf8) + bytes
      require(Parsed { () throws(FormatError) in try ProcessStatFormat(named.span) } == .value(stat), "\(stat) depends on the name")
    },
    FuzzTarget(name: "boot-time") { bytes in
      let read = Parsed { () throws(FormatError) in try ProcessStatFormat.bootTime(bytes.span) }
      guard let time = read.value else { return }
      let later = Array("cpu 1 2 3\n".utf8) + bytes
      require(Parsed { () throws(FormatError) in try ProcessStatFormat.bootTime(later.span) } == .value(time), "\(time)")
    },
    FuzzTarget(name: "descriptor") { bytes in
      let read = Parsed { () throws(FormatError) in try DescriptorFormat.recursionMisses(bytes.span) }
      guard let missed = read.value else { return }
      let more = Array("prog_type:\t26\n".utf8) + bytes + Array("\nverified_insns:\t1043\n".utf8)
      require(
        Parsed { () throws(FormatError) in try DescriptorFormat.recursionMisses(more.span) } == .value(missed),
        "\(missed.map { "\($0)" } ?? "none") depends on other lines")
    },
  ]
}
