internal import PortModel
internal import Scraper

extension Evidence {
  var narrowFinding: Finding? {
    guard let settings = namespace.settings, let capacity = namespace.capacity, capacity < Self.narrowCapacity else { return nil }
    return Finding(
      "narrow-pool", .notice, "The pool has \(counted(capacity, "port")), far fewer than the kernel's default of 28,232.",
      evidence: [
        "ip_local_port_range is \(settings.range.first)–\(settings.range.last), \(grouped(settings.reservedInRange)) of them reserved"
      ],
      remedy: rangeRemedy + (widerRange == nil ? [Self.moreTuples] : []), settings: widerRange == nil ? [] : rangeLines)
  }

  var parityFinding: Finding? {
    guard let range = namespace.settings?.range, range.hasEqualParity else { return nil }
    return Finding(
      "range-parity", .notice,
      "Both ends of the range are \(range.first & 1 == 0 ? "even" : "odd"): the two halves that connect() and bind() try first differ in size.",
      evidence: [
        "ip_local_port_range is \(range.first)–\(range.last), \(grouped(range.count)) ports; the kernel logs \"prefer different parity for start/end values\""
      ], remedy: ["Let the ends differ in parity."], settings: rangeLines)
  }
}
