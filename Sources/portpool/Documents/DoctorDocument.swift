internal import Inspector
internal import PortModel

/// The JSON of `portpool doctor --format json`. Its field names are a promise.
struct DoctorDocument: JSONDocument {
  let netns: String
  /// 0 fine, 1 findings, 2 could not look: the command's exit status.
  let status: Int32
  /// The worst first.
  let findings: [Finding]
  /// What could not be read, a sentence each.
  let problems: [String]
  /// What was looked at, a line each.
  let facts: [String]

  struct Finding: Codable, Sendable {
    /// Such as `tuple-filling`; does not change.
    let id: String
    /// `critical`, `warning` or `notice`.
    let severity: String
    let title: String
    let evidence: [String]
    let remedy: [String]
    /// Empty when no setting helps.
    let settings: [Setting]
  }

  struct Setting: Codable, Sendable {
    let name: String
    let value: String
    /// At once: `sysctl -w …`
    let command: String
    /// The file for good; missing in a namespace other than the host's own, where such files do not reach.
    let file: String?
    let line: String
  }

  init(_ diagnosis: Diagnosis) {
    netns = diagnosis.namespace.name
    status = diagnosis.exitStatus
    problems = diagnosis.problems
    facts = diagnosis.facts
    findings = diagnosis.findings.map { finding in
      Finding(
        id: finding.id, severity: finding.severity.rawValue, title: finding.title, evidence: finding.evidence, remedy: finding.remedy,
        settings: finding.settings.map {
          Setting(
            name: $0.name, value: $0.value, command: $0.command(in: diagnosis.namespace), file: diagnosis.file(of: $0), line: $0.fileLine)
        })
    }
  }
}
