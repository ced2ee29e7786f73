internal import KernelFormats

/// Whose a namespace is, as far as the host's files tell: every field may be empty.
package struct NamespaceIdentity: Sendable, Hashable {
  /// The name below `/run/netns`, else the host name inside where that is not this host's own.
  package let name: String
  /// The Kubernetes pod's UID: `2c48913c-b29f-11e7-9350-020968147796`.
  package let pod: String
  /// The container's number, 64 hexadecimal digits, or its name: in a pod the one whose process has been there longest.
  package let container: String
  /// The systemd unit: `nginx.service`.
  package let unit: String

  package init(name: String = "", pod: String = "", container: String = "", unit: String = "") {
    self.name = name
    self.pod = pod
    self.container = container
    self.unit = unit
  }

  init(name: String, owner: ControlGroupOwner?) {
    self.init(name: name, pod: owner?.pod ?? "", container: owner?.container ?? "", unit: owner?.unit ?? "")
  }
}
