internal import Kernel
internal import PortModel

/// Whose a control group is, by its number. Kept between snapshots: the tree is walked again only for a number that was never seen.
struct OwnerNames: Sendable {
  private var names: [UInt64: String] = [:]
  private var isFresh = false

  /// Lets the tree be walked once more, when a number turns up that is not known.
  mutating func beginSnapshot() { isFresh = false }

  /// The owner of the groups with this number.
  ///
  /// A number is never given to another group. So one that is not in the tree is of a group that has gone, or that cannot be seen from here, for ever.
  mutating func name(of group: UInt64, below directory: String) -> String {
    if let name = names[group] { return name }
    if !isFresh {
      isFresh = true
      let paths = ControlGroupTree.mountPoint(below: directory).flatMap { try? ControlGroupTree.paths(below: $0) }
      names = (paths ?? [:]).mapValues(OwnerUsage.owner(ofGroup:))
    }
    let name = names[group] ?? OwnerUsage.unknown
    names[group] = name
    return name
  }
}
