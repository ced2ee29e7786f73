internal import KernelFormats
package import PortModel

extension OwnerUsage {
  /// The name of a control group's owner, as short as it can be: the pod, else the container, else the unit, else the path itself.
  package static func owner(ofGroup path: String) -> String {
    let owner = ControlGroupOwner(path: path)
    if let pod = owner.pod { return "pod/\(pod)" }
    if let container = owner.container { return "\(owner.runtime ?? "container")/\(container.prefix(12))" }
    return owner.unit ?? path
  }
}
