extension MetricSet {
  /// The body of an answer in `format`: families sorted by name, each contiguous, each series once, no timestamps.
  ///
  /// ```
  /// # HELP portpool_capacity_ports Ports of the pool …
  /// # TYPE portpool_capacity_ports gauge
  /// portpool_capacity_ports{netns="host",protocol="tcp"} 28232
  /// ```
  ///
  /// O(n log n) in the samples; linear when each family's samples were added in order.
  package func encoded(as format: ExpositionFormat) -> [UInt8] {
    let families = families
    let samples = families.reduce(0) { $0 + $1.samples.count }
    var writer = ByteWriter(capacity: families.count * 256 + samples * 96 + 16)
    switch format.syntax {
    case .text004:
      for family in families { FamilyEncoder(family, format).encode(into: &writer) }
    case .openMetrics100:
      // The names without _total sort differently: x_y and x_total, but x and x_y.
      for family in families.sorted(by: { $0.descriptor.familyName < $1.descriptor.familyName }) {
        FamilyEncoder(family, format).encode(into: &writer)
      }
      writer.write("# EOF\n")
    }
    return writer.bytes
  }
}

/// Writes one family: its names are escaped once, its samples then only copied together.
struct FamilyEncoder: Sendable {
  private let family: MetricFamily
  private let syntax: ExpositionFormat.Syntax
  /// The name of the samples, `process_cpu_seconds_total`, in the client's escaping scheme.
  private let sampleName: [UInt8]
  /// What stands before each label value: `{netns="`, then `",protocol="`.
  private let openings: [[UInt8]]

  init(_ family: MetricFamily, _ format: ExpositionFormat) {
    self.family = family
    syntax = format.syntax
    let scheme = format.escaping ?? .allowUTF8
    sampleName = scheme.escaped(family.name)
    openings = family.descriptor.labels.enumerated().map { index, label in
      Array((index == 0 ? "{" : "\",").utf8) + scheme.escaped(label) + Array("=\"".utf8)
    }
  }

  func encode(into writer: inout ByteWriter) {
    writeMetadata(into: &writer)
    for sample in family.samples {
      switch sample.value {
      case .number(let value):
        writer.write(sampleName)
        writeLabels(sample, into: &writer)
        writer.write(UInt8(ascii: " "))
        writer.write(number: value)
        writer.write(UInt8(ascii: "\n"))
      case .histogram(let value):
        write(value, of: sample, into: &writer)
      }
    }
  }

  /// `# HELP`, `# TYPE` and, in OpenMetrics, `# UNIT`.
  ///
  /// The family of a counter is named without `_total` in OpenMetrics: the samples keep the name they have in text 0.0.4.
  private func writeMetadata(into writer: inout ByteWriter) {
    let isOpenMetrics = syntax == .openMetrics100
    let isCounter = family.descriptor.type == .counter
    let name = isOpenMetrics && isCounter ? Array(sampleName.dropLast(MetricDescriptor.counterSuffix.utf8.count)) : sampleName
    func open(_ keyword: String) {
      writer.write("# ")
      writer.write(keyword)
      writer.write(UInt8(ascii: " "))
      writer.write(name)
      writer.write(UInt8(ascii: " "))
    }
    open("HELP")
    writer.write(family.descriptor.help, escaping: isOpenMetrics ? .quotationMarkToo : .backslashAndLineFeed)
    writer.write(UInt8(ascii: "\n"))
    open("TYPE")
    writer.write(family.descriptor.type.rawValue)
    writer.write(UInt8(ascii: "\n"))
    // A counter's family in the scheme `dots` ends in `seconds_`, which no unit may follow.
    if isOpenMetrics, let unit = family.descriptor.unit, name.suffix(unit.rawValue.utf8.count).elementsEqual(unit.rawValue.utf8) {
      open("UNIT")
      writer.write(unit.rawValue)
      writer.write(UInt8(ascii: "\n"))
    }
  }

  /// `{netns="host",protocol="tcp"}`, or nothing for a family without labels.
  private func writeLabels(_ sample: MetricSample, into writer: inout ByteWriter) {
    guard !openings.isEmpty else { return }
    writeOpenLabels(sample, into: &writer)
    writer.write("\"}")
  }

  /// `{netns="host",protocol="tcp`
  private func writeOpenLabels(_ sample: MetricSample, into writer: inout ByteWriter) {
    for (index, value) in sample.labelValues.enumerated() {
      writer.write(openings[index])
      if sample.labels.needsEscaping { writer.write(value, escaping: .quotationMarkToo) } else { writer.write(value) }
    }
  }

  /// `_bucket` with ascending `le`, `_sum` and `_count`.
  private func write(_ value: HistogramValue, of sample: MetricSample, into writer: inout ByteWriter) {
    value.forEachCumulativeBucket { bound, count in
      writer.write(sampleName)
      writer.write("_bucket")
      writeOpenLabels(sample, into: &writer)
      writer.write(openings.isEmpty ? "{le=\"" : "\",le=\"")
      if syntax == .openMetrics100 { writer.write(openMetricsBound: bound) } else { writer.write(number: bound) }
      writer.write("\"} ")
      writer.write(integer: count)
      writer.write(UInt8(ascii: "\n"))
    }
    writer.write(sampleName)
    writer.write("_sum")
    writeLabels(sample, into: &writer)
    writer.write(UInt8(ascii: " "))
    writer.write(number: value.sum)
    writer.write(UInt8(ascii: "\n"))
    writer.write(sampleName)
    writer.write("_count")
    writeLabels(sample, into: &writer)
    writer.write(UInt8(ascii: " "))
    writer.write(integer: value.count)
    writer.write(UInt8(ascii: "\n"))
  }
}
