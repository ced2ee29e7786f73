import KernelFormats
import PortModel
import Testing

@Suite("One connection in inet_diag")
struct InetDiagLookupTests {
  private func lookup(_ source: String, _ destination: String, device: UInt32 = 0) throws -> InetDiagLookup {
    InetDiagLookup(
      Tuple(source: try #require(IPAddress(source)), destination: try #require(IPAddress(destination)), destinationPort: 443),
      localPort: 40001, device: device)
  }

  @Test("the question names both ends, the device and the options, and is no dump")
  func question() throws {
    let ipv4 = try lookup("10.0.0.5", "10.0.0.9", device: 3).encoded(sequence: 7)
    #expect(ipv4.count == 72 && ipv4[0] == 72)
    #expect(ipv4[4...7] == [20, 0, 1, 0], "SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST alone")
    #expect(ipv4[8] == 7)
    #expect(ipv4[16...18] == [2, 6, 2], "AF_INET, TCP, INET_DIAG_INFO")
    #expect(ipv4[24...27] == [0x9C, 0x41, 0x01, 0xBB])
    #expect(ipv4[28...31] == [10, 0, 0, 5] && ipv4[44...47] == [10, 0, 0, 9])
    #expect(ipv4[60...63] == [3, 0, 0, 0] && ipv4[64...71].allSatisfy { $0 == 0xFF })
    let ipv6 = try lookup("2001:db8::5", "2001:db8::9").encoded(sequence: 8)
    #expect(ipv6[16] == 10 && ipv6[28...31] == [0x20, 0x01, 0x0D, 0xB8] && ipv6[43] == 5 && ipv6[59] == 9)
  }

  /// A message of the kernel: state, ports, and `struct tcp_info` with these options; without that attribute when `nil`.
  private func answer(state: UInt8 = 1, localPort: UInt16 = 40001, options: UInt8?, infoLength: Int = 248) -> [UInt8] {
    var body = [UInt8](repeating: 0, count: 72)
    body[0...1] = [2, state]
    body[4...7] = [UInt8(localPort >> 8), UInt8(localPort & 0xFF), 0x01, 0xBB]
    // INET_DIAG_SHUTDOWN comes before it.
    body += [5, 0, 8, 0, 0, 0, 0, 0]
    if let options {
      var info = [UInt8](repeating: 0, count: infoLength)
      if infoLength > 5 { info[5] = options }
      body += [UInt8((infoLength + 4) & 0xFF), UInt8((infoLength + 4) >> 8), 2, 0] + info
    }
    let length = body.count + 16
    return [UInt8(length & 0xFF), UInt8(length >> 8), 0, 0, 20, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0] + body
  }

  private func read(_ datagram: [UInt8]) throws -> Bool? { try lookup("10.0.0.5", "10.0.0.9").usesTimestamps(datagram.span, sequence: 7) }

  @Test("TCPI_OPT_TIMESTAMPS is the lowest bit", arguments: [(0, false), (1, true), (7, true), (6, false)] as [(UInt8, Bool)])
  func options(options: UInt8, expected: Bool) throws {
    #expect(try read(answer(options: options)) == expected)
    #expect(try read(answer(state: 8, options: options)) == expected)
  }

  @Test("a socket that does not know, or is not the one that was asked about, says nothing")
  func silent() throws {
    #expect(try read(answer(state: 6, options: nil)) == nil)
    #expect(try read(answer(state: 2, options: 1)) == nil, "SYN_SENT: not agreed on yet")
    #expect(try read(answer(state: 10, localPort: 40001, options: 1)) == nil, "a listener on the port")
    #expect(try read(answer(localPort: 40002, options: 1)) == nil)
    #expect(try read(answer(options: nil)) == nil)
    #expect(try read(answer(options: 1, infoLength: 5)) == nil)
    #expect(try read([36, 0, 0, 0, 2, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 0xFE, 0xFF, 0xFF, 0xFF] + [UInt8](repeating: 0, count: 16)) == nil)
    #expect(try read([]) == nil)
  }

  @Test("what is cut off, or answers another question, is an error with its place")
  func broken() throws {
    let whole = answer(options: 1)
    #expect(throws: FormatError.self) { try read(Array(whole.dropLast())) }
    #expect(throws: FormatError.self) { try read(Array(whole.prefix(10))) }
    var other = whole
    other[8] = 8
    #expect(throws: FormatError.self) { try read(other) }
    var short = whole
    short[0...1] = [60, 0]
    #expect(throws: FormatError.self) { try read(short) }
  }
}
