internal import PortModel

/// How a source filled a tally.
struct FillReport: Sendable, Hashable {
  let source: SourceName
  /// Whether bound sockets that neither listen nor connect, and ports chosen by programs, were told.
  let seesBinds: Bool
  /// The tally is filled, but not to be trusted fully: why.
  var problem: String?
  /// Why another source than the preferred one was used.
  var remark: String?
}
