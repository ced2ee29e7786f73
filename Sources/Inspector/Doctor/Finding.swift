internal import PortModel

/// Something that is wrong, or soon will be: what, how one can tell, and what to do.
package struct Finding: Sendable, Hashable {
  package enum Severity: String, Sendable, Hashable {
    /// Connections fail now, or hardly a port is left for any.
    case critical
    /// They will, if this goes on.
    case warning
    /// It costs something, or keeps trouble from being seen.
    case notice
  }

  /// What it is called in JSON, for scripts: `unreserved-listeners`.
  package let id: String
  package let severity: Severity
  /// One sentence.
  package let title: String
  /// What was seen, a line each.
  package let evidence: [String]
  /// What to do, a sentence each.
  package let remedy: [String]
  /// The settings that do it; empty when no setting does.
  package let settings: [SysctlLine]

  package init(_ id: String, _ severity: Severity, _ title: String, evidence: [String], remedy: [String], settings: [SysctlLine] = []) {
    self.id = id
    self.severity = severity
    self.title = title
    self.evidence = evidence
    self.remedy = remedy
    self.settings = settings
  }
}
