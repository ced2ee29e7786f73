import PortModel
import Testing

@testable import KernelFormats

@Suite("The routes of the table local")
struct LocalRoutesTests {
  /// `struct nlmsghdr` and its payload, filled up to a multiple of four.
  private static func message(_ type: UInt16, sequence: UInt32 = 7, flags: UInt16 = 2, _ payload: [UInt8]) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(host: UInt32(16 + payload.count))
    bytes.append(host: type)
    bytes.append(host: flags)
    bytes.append(host: sequence)
    bytes.append(host: UInt32(0))
    bytes += payload
    return bytes + [UInt8](repeating: 0, count: (4 - payload.count % 4) % 4)
  }

  /// `struct rtmsg`, a table as an attribute, which is passed over, and the destination.
  private static func route(_ family: UInt8, _ length: UInt8, table: UInt8 = 255, type: UInt8 = 2, _ destination: [UInt8]?) -> [UInt8] {
    var payload: [UInt8] = [family, length, 0, 0, table, 2, 254, type, 0, 0, 0, 0]
    payload += [8, 0, 15, 0, table, 0, 0, 0]
    if let destination {
      payload.append(host: UInt16(4 + destination.count))
      payload.append(host: UInt16(1))
      payload += destination
    }
    return message(24, payload)
  }

  private static func read(_ datagram: [UInt8], _ family: AddressFamily = .ipv4) throws -> (LocalAddresses, NetlinkDump.Progress) {
    var decoder = LocalRoutesDecoder(LocalRoutesRequest(family), sequence: 7)
    var result = LocalAddresses()
    let progress = try decoder.decode(datagram.span, into: &result)
    return (result, progress)
  }

  @Test("the question names the table and the type, and leaves all else 0, as strict checking wants it")
  func request() {
    #expect(
      LocalRoutesRequest(.ipv4).encoded(sequence: 7)
        == Self.message(26, flags: 0x301, [2, 0, 0, 0, 255, 0, 0, 2, 0, 0, 0, 0]))
    #expect(LocalRoutesRequest(.ipv6).encoded(sequence: 7)[16] == 10)
  }

  @Test("addresses and networks of both families are told apart")
  func routes() throws {
    let ipv4 = Self.route(2, 32, [10, 0, 0, 5]) + Self.route(2, 24, [192, 0, 2, 0]) + Self.message(3, [0, 0, 0, 0])
    let (addresses, progress) = try Self.read(ipv4)
    #expect(progress == .done)
    #expect(addresses.addresses == [IPAddress(ipv4: 0x0A00_0005)])
    #expect(addresses.networks == [LocalAddresses.Network(address: IPAddress(ipv4: 0xC000_0200), prefixLength: 24)])
    let ipv6 = Self.route(10, 128, [0x20, 0x01, 0x0D, 0xB8] + [UInt8](repeating: 0, count: 11) + [5])
    #expect(try Self.read(ipv6, .ipv6).0.addresses == [IPAddress(high: 0x2001_0DB8_0000_0000, low: 5)])
  }

  @Test("a route for every address has no destination")
  func everything() throws {
    let (addresses, _) = try Self.read(Self.route(2, 0, nil))
    #expect(addresses.contains(IPAddress(ipv4: 0x0102_0304)))
    #expect(!addresses.contains(.loopbackIPv6))
  }

  @Test(
    "routes of another table, type or family, and broken ones, are passed over",
    arguments: [
      route(2, 32, table: 254, [10, 0, 0, 5]), route(2, 32, type: 1, [10, 0, 0, 5]), route(10, 32, [10, 0, 0, 5]),
      route(2, 33, [10, 0, 0, 5]), route(2, 32, [10, 0, 0]), route(2, 32, nil), route(2, 32, [10, 0, 0, 5, 6, 7, 8, 9]),
    ])
  func passedOver(datagram: [UInt8]) throws {
    let (addresses, progress) = try Self.read(datagram)
    #expect(addresses == LocalAddresses())
    #expect(progress == .more)
  }

  @Test("every prefix of a datagram is read or refused, and never traps")
  func cut() throws {
    let datagram = Self.route(2, 32, [10, 0, 0, 5]) + Self.route(2, 24, [192, 0, 2, 0]) + Self.message(3, [0, 0, 0, 0])
    for count in 0..<datagram.count { _ = try? Self.read(Array(datagram[..<count])) }
    for index in datagram.indices {
      for bit in 0..<8 {
        var broken = datagram
        broken[index] ^= 1 << UInt8(bit)
        _ = try? Self.read(broken)
      }
    }
  }

  @Test("a refusal, an interruption and an answer to another question are told")
  func faults() throws {
    #expect(try Self.read(Self.message(2, [0xEA, 0xFF, 0xFF, 0xFF])).1 == .refused(22))
    var decoder = LocalRoutesDecoder(LocalRoutesRequest(.ipv4), sequence: 7)
    var result = LocalAddresses()
    _ = try decoder.decode(Self.message(3, flags: 0x12, [0, 0, 0, 0]).span, into: &result)
    #expect(decoder.isInterrupted)
    #expect(throws: FormatError.self) { try Self.read(Self.message(24, sequence: 8, [UInt8](repeating: 0, count: 12))) }
  }
}
