internal import ArgumentParser
internal import PortModel

extension SnatPool {
  /// Reads `203.0.113.7=1024-65535`, or `2001:db8::7=4000` for one port.
  ///
  /// - Throws: `ValidationError` with what is wrong; the parser names the flag and the value.
  init(argument: String) throws {
    guard let equals = argument.firstIndex(of: "=") else {
      throw ValidationError("expected ADDRESS=FIRST-LAST, such as 203.0.113.7=1024-65535")
    }
    guard let address = IPAddress(argument[..<equals]) else {
      throw ValidationError("\"\(argument[..<equals])\" is not an IPv4 or IPv6 address")
    }
    let ports = try PortRange(argument: argument[argument.index(after: equals)...])
    self.init(family: address.family, addresses: address...address, ports: .range(ports), origin: .option)
  }
}
