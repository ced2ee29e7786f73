package import Kernel
internal import PortModel

/// What the command line decides about other namespaces.
package struct NamespaceOptions: Sendable, Hashable {
  /// Only namespaces with a name that matches one of these; all when empty (`--namespaces.include`).
  package var include: [GlobPattern]
  /// None with a name that matches one of these (`--namespaces.exclude`).
  package var exclude: [GlobPattern]
  /// The most that are shown: those with the most sockets (`--namespaces.max`).
  package var maximum: Int
  /// Sockets are read one by one from this fraction of a pool's capacity on, 0 to 1 (`--namespaces.walk-share`). Those that are counted in the kernel are
  /// counted whatever it says.
  package var walkShare: Double
  /// Where names of namespaces are kept (`--path.netns`).
  package var directory: String
  /// Whether the files with the settings of a namespace stay open from one snapshot to the next.
  var keepsSettingsOpen = true

  package init(
    include: [GlobPattern] = [], exclude: [GlobPattern] = [], maximum: Int = 100, walkShare: Double = 0.1, directory: String = "/run/netns"
  ) {
    self.include = include
    self.exclude = exclude
    self.maximum = maximum
    self.walkShare = walkShare
    self.directory = directory
  }

  /// A namespace goes by any of its names: the label, the pod, the container, the unit.
  func allows(_ label: String, _ identity: NamespaceIdentity) -> Bool {
    let names = [label, identity.name, identity.pod, identity.container, identity.unit].filter { !$0.isEmpty }
    func matches(_ patterns: [GlobPattern]) -> Bool { patterns.contains { pattern in names.contains(where: pattern.matches) } }
    return (include.isEmpty || matches(include)) && !matches(exclude)
  }
}
