/// What a Pushgateway does with the group that is there already.
package enum PushMethod: String, Sendable, Hashable, CaseIterable {
  /// Replaces the whole group.
  case put
  /// Replaces the metrics of the same name and leaves the others.
  case post

  /// The HTTP method: `PUT`.
  var verb: String { rawValue.uppercased() }
}
