/// A range that the user named: `--range nodeport=30000-32767`.
package struct NamedRange: Sendable, Hashable {
  package let name: String
  package let ports: PortRange

  package init(name: String, ports: PortRange) {
    self.name = name
    self.ports = ports
  }
}
