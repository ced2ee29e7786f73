/// What the view shows of a host at one moment, wherever it came from: this kernel, or another host's `/api/v1/snapshot`.
package struct LiveSnapshot: Sendable, Hashable {
  /// When it was taken, in seconds since 1970.
  package let time: Int64
  /// Where the sockets were read: `netlink`, `proc`, or `none`.
  package let source: String
  /// The namespace of the exporter first.
  package let namespaces: [LiveNamespace]
  /// What could not be read, a sentence each.
  package let problems: [String]
  /// What is no failure and yet worth knowing, such as a right without which some namespaces cannot be looked into.
  package let remarks: [String]

  package init(time: Int64, source: String, namespaces: [LiveNamespace], problems: [String] = [], remarks: [String] = []) {
    self.time = time
    self.source = source
    self.namespaces = namespaces
    self.problems = problems
    self.remarks = remarks
  }
}
