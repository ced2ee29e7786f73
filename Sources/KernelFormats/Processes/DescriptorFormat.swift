/// What `/proc/PID/fdinfo/N` tells of an open descriptor.
package enum DescriptorFormat {
  /// How often the kernel did not run a BPF program, because the processor was in the middle of it already; `nil` before Linux 5.12, where no file has the
  /// line, and for a descriptor of anything else.
  ///
  /// ```
  /// prog_type:	26
  /// …
  /// run_cnt:	0
  /// recursion_misses:	312
  /// verified_insns:	1043
  /// ```
  /// Kernel: `bpf_prog_show_fdinfo` in `kernel/bpf/syscall.c`.
  ///
  /// - Throws: anything but a number of 64 bits behind the name.
  package static func recursionMisses(_ bytes: borrowing Span<UInt8>) throws(FormatError) -> UInt64? {
    var lines = LineCursor()
    while let line = lines.next(in: bytes) {
      guard bytes.hasPrefix("recursion_misses:", at: line.start) else { continue }
      var index = line.start + 17
      bytes.skipBlanks(&index)
      let place = index
      guard let value = bytes.decimal(&index), index == line.end else {
        throw FormatError(bytes, at: min(place, line.end), in: line, field: "recursion_misses", expected: "a number")
      }
      return value
    }
    return nil
  }
}
