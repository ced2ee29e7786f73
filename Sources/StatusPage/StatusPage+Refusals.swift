internal import PortModel

/// What the kernel refused for want of a port: what it was, to where, and by which program.
extension StatusPage {
  /// A card for the whole host; nothing without the collector.
  func addRefusals(to html: inout HTML) {
    guard let refusals = snapshot.refusals else { return }
    html.element(.section, ["aria-labelledby": "refused-title"]) { html in
      html.element(.h2, ["id": "refused-title"], text: "Refused ports")
      guard refusals.total > 0 else {
        let none = refusals.isLowerBound ? "No call is known to have been" : "No call has been"
        html.element(.p, ["class": "note"], text: "\(none) refused a port since Portpool started.")
        addUnseen(refusals, to: &html)
        return
      }
      let bound = refusals.isLowerBound ? "At least " : ""
      let total = "\(Int(clamping: refusals.total).grouped) call\(refusals.total == 1 ? "" : "s")"
      html.element(.p, text: "\(bound)\(total) failed since Portpool started because no port was free\(lastText(refusals.last)).")
      addTable("Refused ports", to: &html) { html in
        for title in ["Call", "Namespace", "Program"] { html.element(.th, ["class": "l", "scope": "col"], text: title) }
        for title in ["Refused", "Last"] { html.element(.th, ["scope": "col"], text: title) }
      } rows: { html in
        for each in refusals.cases.prefix(15) {
          html.element(.tr, ["class": isRecent(each.last) ? PressureLevel.exhausted.rawValue : nil]) { html in
            html.element(.th, ["class": "l", "scope": "row"], text: each.title)
            html.element(.td, ["class": "l"], text: each.namespace)
            html.element(.td, ["class": "l"], text: each.program)
            html.element(.td, text: Int(clamping: each.count).grouped)
            html.element(.td, text: ageText(each.last))
          }
        }
      }
      addUnseen(refusals, to: &html)
      if refusals.kinds == [.connect] {
        html.element(.p, ["class": "note"], text: "Only connect() without bind() is counted: this kernel does not allow more.")
      }
    }
  }

  /// That the numbers are lower bounds, and of how many calls nothing is known.
  private func addUnseen(_ refusals: Refusals, to html: inout HTML) {
    guard refusals.isLowerBound, let missed = refusals.missed else { return }
    let calls = "\(Int(clamping: missed).grouped) call\(missed == 1 ? "" : "s")"
    let reason = "the kernel does not let a call be counted while a thread on the same processor is interrupted in counting one"
    html.element(.p, ["class": "note"], text: "\(calls) for a port went unseen, successful or not: \(reason).")
  }

  /// As long as the alert is on.
  private func isRecent(_ time: Int64) -> Bool { snapshot.time - time < 300 }

  private func lastText(_ time: Int64?) -> String { time.map { "; the last one \(ageText($0))" } ?? "" }

  /// `12 s ago`, `3 h ago`
  private func ageText(_ time: Int64) -> String {
    let seconds = max(0, snapshot.time - time)
    if seconds < 120 { return "\(seconds) s ago" }
    if seconds < 7200 { return "\(seconds / 60) min ago" }
    return seconds < 172_800 ? "\(seconds / 3600) h ago" : "\(seconds / 86_400) days ago"
  }
}
