internal import PortModel
internal import Scraper

/// Something that is so: a setting, or where the numbers came from.
struct Fact: Sendable, Hashable {
  let name: String
  let value: String
  var isGood = true
}

extension NamespaceSnapshot {
  /// The settings and the source, as people read them.
  func facts(source: SourceName?) -> [Fact] {
    var facts: [Fact] = []
    if let settings {
      facts.append(Fact(name: "ip_local_port_range", value: "\(settings.range.first) – \(settings.range.last)"))
      let reserved = settings.reserved.ranges.map(\.description).joined(separator: ", ")
      facts.append(Fact(name: "ip_local_reserved_ports", value: reserved.isEmpty ? "none" : reserved))
      facts.append(Fact(name: "tcp_tw_reuse", value: settings.timeWaitReuse.text))
    }
    if let tcp = tcp?.pressure {
      facts.append(Fact(name: "blocked for connect()", value: "\(tcp.blocked)"))
      facts.append(Fact(name: "wrong parity", value: "\(tcp.wrongParity)"))
    }
    facts.append(Fact(name: "source", value: source?.rawValue ?? "nothing could be read", isGood: source != nil))
    return facts
  }
}

extension TimeWaitReuse {
  fileprivate var text: String {
    guard hasTimestamps else { return "\(mode.rawValue), without effect: tcp_timestamps is off" }
    return switch mode {
    case .never: "0 (never)"
    case .always: "1 (always, after \(delay) ms)"
    case .loopbackOnly: "2 (loopback only, after \(delay) ms)"
    default: "\(mode.rawValue)"
    }
  }
}
