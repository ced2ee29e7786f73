internal import KernelFormats

/// How many pool ports the sockets of one owner hold.
package struct OwnerUsage: Sendable, Hashable {
  /// `nginx.service`, `docker/4f1a2b3c4d5e`, `pod/2c48913c-b29f-11e7-9350-020968147796`, or the path of a control group that has no such name.
  /// `other` for the owners that are not listed, `none` for ports that only ownerless sockets such as TIME_WAIT hold, `unknown` for groups that are gone
  /// or cannot be seen.
  package let owner: String
  /// Distinct ports of the pool, a port of TCP and the same of UDP counted apart. A port that several owners share counts for each.
  package let usedPorts: Int

  package init(owner: String, usedPorts: Int) {
    self.owner = owner
    self.usedPorts = usedPorts
  }

  static let other = "other"
  static let none = "none"
  static let unknown = "unknown"

  /// The name of a control group's owner, as short as it can be: the pod, else the container, else the unit, else the path itself.
  package static func owner(ofGroup path: String) -> String {
    let owner = ControlGroupOwner(path: path)
    if let pod = owner.pod { return "pod/\(pod)" }
    if let container = owner.container { return "\(owner.runtime ?? "container")/\(container.prefix(12))" }
    return owner.unit ?? path
  }
}
