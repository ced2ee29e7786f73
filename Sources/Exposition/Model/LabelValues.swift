/// The label values of one series, in the order of the descriptor's labels: what tells the series of a family apart.
///
/// `["host", "tcp"]`
///
/// Equal and ordered by UTF-8 bytes, as Prometheus compares them. `String` itself takes `é` in one scalar for the same as `é` in two,
/// which would drop one of two series that Prometheus keeps.
package struct LabelValues: Sendable {
  package let values: [String]

  package init(_ values: [String]) { self.values = values }
}

extension LabelValues: Hashable {
  package static func == (left: LabelValues, right: LabelValues) -> Bool {
    left.values.count == right.values.count
      && zip(left.values, right.values).allSatisfy { $0.utf8.elementsEqual($1.utf8) }
  }

  package func hash(into hasher: inout Hasher) {
    for value in values {
      for byte in value.utf8 { hasher.combine(byte) }
      // No byte of UTF-8 is 0xFF, so ["a", "b"] and ["ab", ""] differ.
      hasher.combine(0xFF as UInt8)
    }
  }
}

extension LabelValues: Comparable {
  package static func < (left: LabelValues, right: LabelValues) -> Bool {
    for (leftValue, rightValue) in zip(left.values, right.values) {
      if leftValue.utf8.elementsEqual(rightValue.utf8) { continue }
      return leftValue.utf8.lexicographicallyPrecedes(rightValue.utf8)
    }
    return left.values.count < right.values.count
  }
}
