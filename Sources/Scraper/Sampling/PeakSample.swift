/// What one look between scrapes found.
package enum PeakSample: Sendable, Hashable {
  /// So few sockets that no tuple can hold a quarter of the pool; the table was not walked. The share is an upper bound.
  case calm(shareAtMost: Double)
  /// The fullest tuple, found by a walk.
  case walked(used: Int, capacity: Int)
  /// A scrape was walking the table at that time.
  case busy
}
