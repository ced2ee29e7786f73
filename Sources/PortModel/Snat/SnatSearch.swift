/// The kernel's search for a port to translate to, and its chance to find none.
///
/// The search looks at 128 consecutive ports from a random one on, then at 64 from another, then at 32, 16 and 8, and gives up: 248 ports of 64,512. A
/// range of at most 128 ports is searched whole. So a new connection can fail while thousands of ports are free, depending on how the used ones lie.
///
/// Kernel: `nf_nat_l4proto_unique_tuple` in `net/netfilter/nf_nat_core.c`.
package enum SnatSearch {
  /// The most consecutive ports that are looked at.
  package static let longestWindow = 128
  /// In the last so many ports of a window a closing connection may be evicted.
  package static let evictingLength = 32

  /// How many ports are looked at from each random start.
  package static func windows(_ count: Int) -> [Int] { count <= longestWindow ? [count] : [128, 64, 32, 16, 8] }

  /// The chance, 0 to 1, that the next connection finds no port although its own is taken.
  ///
  /// For each window, the share of the starts from which every port is taken, and the product of these. A closing connection's port is
  /// taken with one half, since it is evicted if the new connection's sequence number comes after its own. Exact where the rule says `random` or
  /// `fully-random`; without, clients whose own port is free keep it, and the chance is at most this.
  ///
  /// - Parameters:
  ///   - used: the ports taken; those outside `range` do not matter.
  ///   - closing: those of them that a new connection may take over.
  /// - Complexity: O(range); O(range / 64) while no window is taken.
  package static func failure(used: PortSet, closing: PortSet = PortSet(), in range: PortRange) -> Double {
    let windows = windows(range.count)
    let runs = used.cyclicRuns(in: range)
    guard let longest = runs.lazy.map(\.count).max(), longest >= windows[0] else { return 0 }
    let hasClosing = !closing.isEmpty
    var chance = 1.0
    for window in windows {
      var starts = 0.0
      for run in runs where run.count >= window {
        starts += hasClosing ? weighted(run, window, closing, range) : Double(run.starts(window, of: range.count))
      }
      chance *= starts / Double(range.count)
    }
    return chance
  }

  /// The starts of windows inside `run`, each weighted by its chance that no closing connection gives way.
  private static func weighted(_ run: CyclicRun, _ window: Int, _ closing: PortSet, _ range: PortRange) -> Double {
    let (evicting, count) = (min(evictingLength, window), range.count)
    func isClosing(_ offset: Int) -> Bool { closing.contains(range.first &+ Port(truncatingIfNeeded: offset % count)) }
    let first = run.start + window - evicting
    var inWindow = (0..<evicting).count { isClosing(first + $0) }
    var sum = 0.0
    for step in 0..<run.starts(window, of: count) {
      sum += halves[inWindow]
      if isClosing(first + step) { inWindow -= 1 }
      if isClosing(first + step + evicting) { inWindow += 1 }
    }
    return sum
  }

  /// One half to the power of 0 to 32.
  private static let halves = (0...evictingLength).map { 1 / Double(1 << $0) }
}

/// Taken ports in a row, where the last port of the range is followed by the first.
struct CyclicRun: Sendable, Hashable {
  /// The first one, as an offset into the range.
  let start: Int
  let count: Int

  /// From how many ports a window that long lies inside.
  func starts(_ window: Int, of size: Int) -> Int { count == size ? size : max(0, count - window + 1) }
}

extension PortSet {
  /// The ports of `range` that are in the set, as runs, with the one over the end of the range in one piece.
  func cyclicRuns(in range: PortRange) -> [CyclicRun] {
    var runs: [CyclicRun] = []
    let (first, end) = (Int(range.first), Int(range.last) + 1)
    var place = next(first, before: end, isMember: true)
    while place < end {
      let after = next(place, before: end, isMember: false)
      runs.append(CyclicRun(start: place - first, count: after - place))
      place = next(after, before: end, isMember: true)
    }
    if runs.count > 1, let head = runs.first, let tail = runs.last, head.start == 0, tail.start + tail.count == range.count {
      runs.removeLast()
      runs[0] = CyclicRun(start: tail.start, count: tail.count + head.count)
    }
    return runs
  }

  /// The first port from `place` on that is in the set, or the first that is not; `end` if none comes before it.
  private func next(_ place: Int, before end: Int, isMember: Bool) -> Int {
    var index = place >> 6
    guard place < end else { return end }
    var word = (isMember ? words[index] : ~words[index]) & (UInt64.max << UInt64(place & 63))
    while word == 0 {
      index += 1
      guard index << 6 < end else { return end }
      word = isMember ? words[index] : ~words[index]
    }
    return Swift.min(end, index << 6 | word.trailingZeroBitCount)
  }
}
