import Terminal

extension FuzzTarget {
  static let terminal: [FuzzTarget] = [
    FuzzTarget(name: "keys") { bytes in
      var whole = KeyReader()
      let keys = whole.read(bytes) + whole.finish()
      require(keys.count <= bytes.count, "\(keys.count) keys from \(bytes.count) bytes")
      // A longer sequence than any terminal sends is given up where the piece ends.
      guard bytes.count <= 32 else { return }
      var single = KeyReader()
      let apart = bytes.flatMap { single.read([$0]) } + single.finish()
      require(keys == apart, "at once \(keys), byte by byte \(apart)")
    },
    FuzzTarget(name: "printable") { bytes in
      let printable = PrintableText(String(decoding: bytes, as: UTF8.self))
      require(
        printable.text.unicodeScalars.allSatisfy { scalar in
          scalar.value >= 0x20 && !(0x7F...0x9F).contains(scalar.value) && !scalar.properties.isBidiControl
        }, "it talks to the terminal")
      require(printable.columns <= 10 * bytes.count, "\(printable.columns) columns for \(bytes.count) bytes")
      require(PrintableText(printable.text) == printable, "printable text is changed")
      let width = bytes.count % 41
      for cut in [TextWidth.cut(printable.text, to: width), TextWidth.cutInside(printable.text, to: width)] {
        require(TextWidth.columns(cut) <= width, "\(TextWidth.columns(cut)) columns where there are \(width)")
      }
    },
  ]
}
