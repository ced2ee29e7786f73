internal import ArgumentParser
internal import PortModel
internal import Scraper

/// Which collectors run: a flag `--collector.X` and `--no-collector.X` for each collector of the list, and `--collector.disable-defaults`.
///
/// ArgumentParser finds the flags of a type in its mirror and hands over their values by key. What the compiler writes for stored properties is
/// written here for the collectors of the list.
struct CollectorOptions: ParsableArguments, CustomReflectable {
  /// `true` for `--collector.X`, `false` for `--no-collector.X`.
  private var switches: [CollectorName: Bool] = [:]
  private var disablesDefaults = false

  init() {}

  init(from decoder: any Decoder) throws {
    let flags = try decoder.container(keyedBy: Key.self)
    for name in CollectorList.standard.names {
      switches[name] = try flags.decode(Flag<Bool?>.self, forKey: Key(stringValue: name.rawValue)).wrappedValue
    }
    disablesDefaults = try flags.decode(Flag<Bool>.self, forKey: .disableDefaults).wrappedValue
  }

  var customMirror: Mirror {
    let flags = CollectorList.standard.flags.map { name, help in
      let flag = Flag<Bool?>(name: .customLong("collector.\(name.rawValue)"), inversion: .prefixedNo, help: "\(help)")
      return (label: Optional(name.rawValue), value: flag as Any)
    }
    let last = Flag(
      wrappedValue: false, name: .customLong("collector.disable-defaults"), help: "Run only the collectors that are enabled by name.")
    return Mirror(self, children: flags + [(label: Key.disableDefaults.stringValue, value: last)], displayStyle: .struct)
  }

  /// The collectors that run.
  var enabled: Set<CollectorName> { CollectorList.standard.enabled(switches, disablesDefaults: disablesDefaults) }

  private struct Key: CodingKey {
    static let disableDefaults = Key(stringValue: "disableDefaults")

    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }
}
