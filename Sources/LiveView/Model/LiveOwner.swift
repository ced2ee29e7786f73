/// Who holds ports: a systemd unit, a container, a pod.
package struct LiveOwner: Sendable, Hashable {
  /// `nginx.service`, or `none` for sockets that belong to nobody, such as TIME_WAIT.
  package let name: String
  /// Distinct pool ports.
  package let used: Int

  package init(name: String, used: Int) {
    self.name = name
    self.used = used
  }
}
