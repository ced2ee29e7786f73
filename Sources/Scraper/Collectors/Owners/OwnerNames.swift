internal import Kernel
internal import KernelFormats
package import PortModel

/// The owners of control groups, by the group's number. Kept between snapshots: the tree is walked again only for a number that was never seen.
struct OwnerNames: Sendable {
  private var names: [UInt64: String] = [:]
  private var isFresh = false

  /// Lets the tree be walked once more, if an unknown number turns up.
  mutating func beginSnapshot() { isFresh = false }

  /// The owner of the groups with this number.
  ///
  /// A number is never given to another group. So one that is not in the tree is of a group that has gone, or that cannot be seen from here, forever.
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

extension OwnerUsage {
  /// The name of a control group's owner, as short as it can be: the pod, else the container, else the unit, else the path itself.
  package static func owner(ofGroup path: String) -> String {
    let owner = ControlGroupOwner(path: path)
    if let pod = owner.pod { return "pod/\(pod)" }
    if let container = owner.container { return "\(owner.runtime ?? "container")/\(container.prefix(12))" }
    return owner.unit ?? path
  }
}
