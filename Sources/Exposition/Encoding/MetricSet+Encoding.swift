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
