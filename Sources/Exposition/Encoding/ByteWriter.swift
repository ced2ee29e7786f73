/// A body under construction: bytes, appended without building strings in between.
struct ByteWriter: Sendable {
  private(set) var bytes: [UInt8] = []

  init(capacity: Int) { bytes.reserveCapacity(capacity) }

  mutating func write(_ byte: UInt8) { bytes.append(byte) }

  mutating func write(_ other: [UInt8]) { bytes.append(contentsOf: other) }

  mutating func write(_ text: String) { bytes.append(contentsOf: text.utf8) }

  mutating func write(contentsOf other: some Sequence<UInt8>) { bytes.append(contentsOf: other) }
}

extension ByteWriter {
  /// Which bytes a place in the formats escapes.
  enum Escapes: Sendable {
    /// HELP of text 0.0.4: backslash and line feed.
    case backslashAndLineFeed
    /// Label values of both formats and HELP of OpenMetrics: the quotation mark too.
    case quotationMarkToo
  }

  /// Appends outside text so that it stays on its line and, in quotation marks, inside them.
  mutating func write(_ text: String, escaping escapes: Escapes) {
    let escapesQuotes = escapes == .quotationMarkToo
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\\"):
        write(byte)
        write(byte)
      case UInt8(ascii: "\n"):
        write(UInt8(ascii: "\\"))
        write(UInt8(ascii: "n"))
      case UInt8(ascii: "\"") where escapesQuotes:
        write(UInt8(ascii: "\\"))
        write(byte)
      default:
        write(byte)
      }
    }
  }
}

extension ByteWriter {
  /// Appends a value: whole numbers without `.0`, others in the fewest digits that read back as the same double, `NaN`, `+Inf`, `-Inf`.
  ///
  /// `28232`, `0.05`, `1e-05`, `1.8446744073709552e+19`
  mutating func write(number value: Double) {
    // Up to 2^53 every whole double is an exact integer; -0 is left to the general path, which keeps its sign.
    if value.magnitude < 0x1p53, let integer = Int64(exactly: value), integer != 0 || value.sign == .plus {
      write(integer: integer)
    } else if writeNonFinite(value) {
      return
    } else {
      let digits = value.description.utf8
      write(contentsOf: digits.suffix(2).elementsEqual(".0".utf8) ? digits.dropLast(2) : digits[...])
    }
  }

  /// Appends the bound of a bucket as OpenMetrics wants it, so that one bound has one spelling: `0.1`, `1.0`, `1e+06`.
  ///
  /// The form is that of the reference implementation: Go's `%g` and, where that shows neither a point nor an exponent, `.0`.
  mutating func write(openMetricsBound value: Double) {
    if writeNonFinite(value) { return }
    let (digits, exponent) = Self.decimal(value)
    if value.sign == .minus { write(UInt8(ascii: "-")) }
    if exponent < -4 || exponent >= 6 {
      write(digits[0])
      if digits.count > 1 { write(UInt8(ascii: ".")) }
      write(contentsOf: digits[1...])
      write(UInt8(ascii: "e"))
      write(UInt8(ascii: exponent < 0 ? "-" : "+"))
      if exponent.magnitude < 10 { write(UInt8(ascii: "0")) }
      write(integer: Int64(exponent.magnitude))
    } else if exponent < 0 {
      write("0.")
      write(contentsOf: repeatElement(UInt8(ascii: "0"), count: -exponent - 1))
      write(digits)
    } else {
      let whole = exponent + 1
      write(contentsOf: digits.prefix(whole))
      write(contentsOf: repeatElement(UInt8(ascii: "0"), count: max(0, whole - digits.count)))
      write(UInt8(ascii: "."))
      if digits.count > whole { write(contentsOf: digits[whole...]) } else { write(UInt8(ascii: "0")) }
    }
  }

  mutating func write(integer value: Int64) {
    if value < 0 { write(UInt8(ascii: "-")) }
    write(integer: value.magnitude)
  }

  mutating func write(integer value: UInt64) {
    var divisor: UInt64 = 1
    while value / divisor >= 10 { divisor *= 10 }
    var rest = value
    while divisor > 0 {
      write(UInt8(ascii: "0") + UInt8(rest / divisor))
      rest %= divisor
      divisor /= 10
    }
  }

  private mutating func writeNonFinite(_ value: Double) -> Bool {
    if value.isNaN { write("NaN") } else if value.isInfinite { write(value > 0 ? "+Inf" : "-Inf") } else { return false }
    return true
  }

  /// The shortest decimal digits of a finite value and the power of ten of the first: 1250 is `125` and 3, 0 is `0` and 0.
  private static func decimal(_ value: Double) -> (digits: [UInt8], exponent: Int) {
    let text = value.magnitude.description.utf8
    let mantissa = text.prefix { $0 != UInt8(ascii: "e") }
    let stated = Int(String(decoding: text.dropFirst(mantissa.count + 1), as: UTF8.self)) ?? 0
    let whole = mantissa.prefix { $0 != UInt8(ascii: ".") }
    var digits = mantissa.filter { $0 != UInt8(ascii: ".") }
    var exponent = stated + whole.count - 1
    while digits.count > 1, digits.first == UInt8(ascii: "0") {
      digits.removeFirst()
      exponent -= 1
    }
    while digits.count > 1, digits.last == UInt8(ascii: "0") { digits.removeLast() }
    return value == 0 ? ([UInt8(ascii: "0")], 0) : (digits, exponent)
  }
}
