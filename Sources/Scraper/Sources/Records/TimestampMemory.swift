internal import KernelFormats
package import PortModel

/// Whether the connections of a namespace's fullest tuples use TCP timestamps, as some of them said.
///
/// A destination may be a balancer with different hosts behind it. So a connection without timestamps counts for ten minutes, whatever others say
/// meanwhile: headroom that is too small is better than headroom that does not exist.
package struct TimestampMemory: Sendable {
  /// How many tuples are asked about at once.
  static let limit = 32
  /// How many answers are kept.
  package static let capacity = 64
  private static let lifetime = Duration.seconds(600)

  private struct Answer: Sendable {
    let usesTimestamps: Bool
    let time: ContinuousClock.Instant
  }

  private var answers: [Tuple: Answer] = [:]

  package init() {}

  package mutating func note(_ usesTimestamps: Bool, of tuple: Tuple, at now: ContinuousClock.Instant) {
    if usesTimestamps, answer(for: tuple, at: now) == false { return }
    answers[tuple] = Answer(usesTimestamps: usesTimestamps, time: now)
    guard answers.count > Self.capacity, let oldest = answers.min(by: { $0.value.time < $1.value.time }) else { return }
    answers[oldest.key] = nil
  }

  /// `nil` if no connection said so in the last ten minutes.
  package func answer(for tuple: Tuple, at now: ContinuousClock.Instant) -> Bool? {
    guard let answer = answers[tuple], now - answer.time < Self.lifetime else { return nil }
    return answer.usesTimestamps
  }
}

extension TupleKey {
  /// The tuple with the number of the device for its name.
  var tuple: Tuple {
    Tuple(source: source, destination: destination, destinationPort: destinationPort, zone: device == 0 ? nil : "\(device)")
  }
}

extension TupleEntry {
  /// The question about an open connection; `nil` if none is open.
  var lookup: InetDiagLookup? { openPort == 0 ? nil : InetDiagLookup(key.tuple, localPort: openPort, device: key.device) }
}
