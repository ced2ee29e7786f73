internal import PortModel

/// What has been read of one direction of a tracked connection.
struct DirectionFields {
  var source: IPAddress?
  var destination: IPAddress?
  /// For ICMP the identifier.
  var sourcePort: Port?
  var destinationPort: Port?
  var icmpType: UInt8?
  var icmpCode: UInt8 = 0

  /// The direction; `nil` if an address is missing, or a port that `transport` has. For ICMP, type and code are the destination port.
  @inline(__always)
  func direction(_ transport: TrackedProtocol, zone: UInt16) -> TrackedConnection.Direction? {
    guard let source, let destination else { return nil }
    let ports: (Port?, Port?)
    switch transport {
    case .tcp, .udp: ports = (sourcePort, destinationPort)
    case .icmp: ports = (sourcePort, icmpType.map { Port($0) << 8 | Port(icmpCode) })
    case .other: ports = (0, 0)
    }
    guard let first = ports.0, let second = ports.1 else { return nil }
    return TrackedConnection.Direction(source: source, destination: destination, sourcePort: first, destinationPort: second, zone: zone)
  }
}
