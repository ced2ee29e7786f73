internal import ArgumentParser
internal import PortModel

extension NamedRange {
  /// Reads `nodeport=30000-32767`, or `etcd=2379` for one port.
  ///
  /// - Throws: `ValidationError` with what is wrong; the parser names the flag and the value.
  init(argument: String) throws {
    guard let equals = argument.firstIndex(of: "=") else {
      throw ValidationError("expected NAME=LO-HI, such as nodeport=30000-32767")
    }
    let name = String(argument[..<equals])
    let text = argument[argument.index(after: equals)...]
    guard !name.isEmpty, name.utf8.allSatisfy(Self.isNameByte) else {
      throw ValidationError("a range's name has letters, digits and underscores only, and at least one of them")
    }
    guard !IANARange.allCases.contains(where: { $0.name == name }) else {
      throw ValidationError("\"\(name)\" is the name of an IANA range, which is always counted; choose a different name")
    }
    self.init(name: name, ports: try PortRange(argument: text))
  }

  /// - Throws: `ValidationError` if two ranges have one name.
  static func checkNames(of ranges: [NamedRange]) throws {
    var names: Set<String> = []
    for range in ranges where !names.insert(range.name).inserted {
      throw ValidationError("--range \(range.name)=\(range.ports): the name \"\(range.name)\" is given twice; name each range once.")
    }
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
      UInt8(ascii: "_"):
      true
    default: false
    }
  }
}

extension PortRange {
  /// Reads `30000-32767`, or `2379` for one port.
  init(argument text: Substring) throws {
    let bounds = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false).map { Port($0) }
    guard let first = bounds.first, let first, let last = bounds.last, let last else {
      throw ValidationError("the bounds are port numbers from 0 to 65535, found \"\(text)\"")
    }
    guard let ports = PortRange(first: first, last: last) else {
      throw ValidationError("the first port, \(first), is above the last, \(last)")
    }
    self = ports
  }
}
