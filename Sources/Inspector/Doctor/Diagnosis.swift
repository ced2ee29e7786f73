internal import PortModel
package import Terminal

/// What `portpool doctor` found.
package struct Diagnosis: Sendable, Hashable {
  package let namespace: NamespaceName
  /// The worst first; empty when all is fine.
  package let findings: [Finding]
  /// What could not be read, a sentence each: without it nothing can be said.
  package let problems: [String]
  /// What was looked at, a line each.
  package let facts: [String]

  package init(namespace: NamespaceName, findings: [Finding], problems: [String], facts: [String]) {
    self.namespace = namespace
    self.findings = findings
    self.problems = problems
    self.facts = facts
  }

  /// 0 fine, 1 findings, 2 could not look.
  package var exitStatus: Int32 { !problems.isEmpty ? 2 : findings.isEmpty ? 0 : 1 }

  /// The file that makes a setting permanent; `nil` in a namespace other than the host's own, which such files do not reach.
  package func file(of line: SysctlLine) -> String? {
    namespace.isHost || line.isHostWide ? Self.settingsFile : nil
  }

  private static let settingsFile = "/etc/sysctl.d/60-portpool.conf"

  /// Every setting that the findings ask for, once.
  package var settings: [SysctlLine] {
    var lines: [SysctlLine] = []
    for line in findings.flatMap(\.settings) where !lines.contains(line) { lines.append(line) }
    return lines
  }

  /// The page: what is wrong, the worst first, and the settings once more as a file.
  package var page: Page {
    let verdict =
      !problems.isEmpty
      ? "The pool of \(namespace.title) could not be looked at."
      : findings.isEmpty
        ? "Nothing is wrong with the pool of \(namespace.title)."
        : "\(counted(findings.count, "finding")) about the pool of \(namespace.title)."
    return Page(
      [Page.Section([StyledLine(verdict, .strong)]), Page.Section("NOT READ", problems.map { StyledLine($0, .critical) })]
        + findings.map(section)
        + [
          Page.Section("PERMANENT SETTINGS: \(Self.settingsFile)", settings.filter { file(of: $0) != nil }.map { StyledLine($0.fileLine) }),
          Page.Section("PERMANENT SETTINGS: WHERE THE NAMESPACE IS CREATED", madeWith),
          Page.Section("CHECKED", facts.map { StyledLine($0, .dim) }),
        ])
  }

  private var madeWith: [StyledLine] {
    let lines = settings.filter { file(of: $0) == nil }.map { StyledLine($0.fileLine) }
    let sentence =
      "Files in /etc/sysctl.d apply only to the host's own namespace. Set this one where it is created: with --sysctl of a container runtime, securityContext.sysctls in Kubernetes, or in the script that runs ip netns add."
    return lines.isEmpty ? [] : lines + [StyledLine(sentence, .dim)]
  }

  private func section(_ finding: Finding) -> Page.Section {
    let role: Style.Role = finding.severity == .notice ? .text : finding.severity == .warning ? .warning : .critical
    return Page.Section(
      "\(finding.severity.rawValue.uppercased()) \(finding.id)",
      [StyledLine(finding.title, role)] + finding.evidence.map { StyledLine("  " + $0, .dim) } + finding.remedy.map { StyledLine($0) }
        + finding.settings.map { StyledLine("  " + $0.command(in: namespace), .good) })
  }
}
