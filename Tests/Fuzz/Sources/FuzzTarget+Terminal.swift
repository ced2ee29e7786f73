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
      let text = TextWidth.printable(String(decoding: bytes, as: UTF8.self))
      require(text.unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) }, "it talks to the terminal")
      require(TextWidth.columns(text) <= 2 * text.count, "\(TextWidth.columns(text)) columns for \(text.count) characters")
      require(TextWidth.printable(text) == text, "printable text is changed")
    },
  ]
}
