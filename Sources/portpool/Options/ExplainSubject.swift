internal import ArgumentParser
internal import Inspector
internal import PortModel

/// What `portpool explain` is asked about.
enum ExplainSubject: Sendable, Hashable {
  case port(Port)
  case destination(IPAddress, Port)
  /// `30000-32767`
  case range(PortRange)
  /// The name of a range, which other options may give.
  case rangeName(String)

  /// Reads `49152`, `10.0.0.9:5432`, `[::1]:443`, `30000-32767` or `ephemeral`.
  ///
  /// - Throws: `ValidationError` with what is wrong; the parser names the value.
  init(argument: String) throws {
    let isNumber = !argument.isEmpty && argument.utf8.allSatisfy { 48...57 ~= $0 }
    if isNumber {
      guard let port = Port(argument) else { throw ValidationError("a port number has 16 bits: 0 to 65535") }
      self = .port(port)
    } else if argument.contains(":") {
      self = try Self.destination(argument)
    } else if argument.contains("-"), argument.utf8.allSatisfy({ 48...57 ~= $0 || $0 == UInt8(ascii: "-") }) {
      self = .range(try PortRange(argument: Substring(argument)))
    } else {
      self = .rangeName(argument)
    }
  }

  private static func destination(_ argument: String) throws -> ExplainSubject {
    let colon = argument.lastIndex(of: ":") ?? argument.endIndex
    let host = argument[..<colon]
    let digits = argument[colon...].dropFirst()
    guard digits.utf8.allSatisfy({ 48...57 ~= $0 }), let port = Port(digits), port != 0 else {
      throw ValidationError("the port of a destination is a number from 1 to 65535, found \"\(digits)\"")
    }
    if host.hasPrefix("["), host.hasSuffix("]"), let address = IPAddress(host.dropFirst().dropLast()), host.contains(":") {
      return .destination(address, port)
    }
    if !host.contains(":"), let address = IPAddress(host) { return .destination(address, port) }
    throw ValidationError(
      "a destination is an address and a port, such as 10.0.0.9:5432 or [2001:db8::9]:443; names are not looked up")
  }

  /// The question about holders that this is; `nil` for a port.
  ///
  /// - Parameter ranges: those that were named on the command line, which come first.
  /// - Throws: `ValidationError` for a name that no range has.
  func question(_ ranges: [NamedRange]) throws -> HolderInspector.Question? {
    switch self {
    case .port: return nil
    case .destination(let address, let port): return .destination(address, port)
    case .range(let ports): return .range(NamedRange(name: ports.description, ports: ports))
    case .rangeName(let name):
      if let range = ranges.first(where: { $0.name == name }) { return .range(range) }
      if name == PortRange.ephemeralName { return .ephemeral }
      if let range = IANARange.allCases.first(where: { $0.name == name }) { return .range(NamedRange(name: name, ports: range.ports)) }
      let known = ([PortRange.ephemeralName] + IANARange.allCases.map(\.name) + ranges.map(\.name)).joined(separator: ", ")
      throw ValidationError(
        "\"\(name)\" is no port number, 0 to 65535, no destination such as 10.0.0.9:5432, and not the name of a range: known are \(known), and those given with --range. Names of services are not ports: look them up in /etc/services."
      )
    }
  }
}
