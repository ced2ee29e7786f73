/// One look at the host: what was seen, or why nothing was.
package struct Sample: Sendable, Hashable {
  package let result: Result<LiveSnapshot, LiveFailure>
  /// When the look ended, in seconds of a clock that never jumps; rates are measured with it.
  package let instant: Double

  package init(_ result: Result<LiveSnapshot, LiveFailure>, at instant: Double) {
    self.result = result
    self.instant = instant
  }
}
