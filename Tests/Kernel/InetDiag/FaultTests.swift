import Kernel
import KernelFormats
import PortModel
import Testing

@Suite("a peer that answers wrongly")
struct FaultTests {
  private let request = InetDiagRequest(.tcp)

  /// A netlink header: length, type, flags, sequence, port.
  private func header(_ length: UInt8, type: UInt8, flags: UInt8 = 2, sequence: UInt8 = 7) -> [UInt8] {
    [length, 0, 0, 0, type, 0, flags, 0, sequence, 0, 0, 0, 0, 0, 0, 0]
  }

  private func error(answers: [[UInt8]], failure: SystemCallError? = nil) -> ReadError? {
    var peer = FakePeer(answers: answers, failure: failure)
    do throws(ReadError) {
      _ = try peer.ask(request)
      return nil
    } catch {
      return error
    }
  }

  @Test("a refusal of the kernel is named with its number")
  func refused() throws {
    let dump = try RecordedDump("refused")
    guard case .systemCall(let refusal)? = error(answers: dump.datagrams) else {
      Issue.record("expected a system call error")
      return
    }
    #expect(refusal.code == 2)
    #expect(refusal.description.contains("inet_diag"))
    for (table, name) in [(InetDiagRequest.Table.tcp, "tcp"), (.udp(.ipv4), "udp IPv4"), (.udp(.ipv6), "udp IPv6")] {
      var peer = FakePeer(answers: dump.datagrams)
      let error = #expect(throws: ReadError.self) { try peer.ask(InetDiagRequest(table)) }
      #expect(error.map { "\($0)" }?.contains("inet_diag \(name): ") == true, "\(error as Any)")
    }
  }

  @Test("a dump that fails at its end is an error, not an end")
  func failedDump() {
    let done = header(20, type: 3) + [0xF4, 0xFF, 0xFF, 0xFF]
    guard case .systemCall(let refusal)? = error(answers: [done]) else {
      Issue.record("expected a system call error")
      return
    }
    #expect(refusal.code == 12)
  }

  @Test("a lost answer is named", arguments: [Int32(105), 11, 90])
  func receiveFails(code: Int32) {
    let failure = SystemCallError(call: "receive", subject: "netlink sock_diag", code: code)
    #expect(error(answers: [], failure: failure) == .systemCall(failure))
  }

  @Test(
    "bytes that are no answer are refused with field and place",
    arguments: [
      ("message", [UInt8](repeating: 0, count: 7), 1),
      ("message length", [8, 0, 0, 0, 18, 0, 2, 0, 7, 0, 0, 0, 0, 0, 0, 0], 1),
      ("message length", [200, 0, 0, 0, 18, 0, 2, 0, 7, 0, 0, 0, 0, 0, 0, 0], 1),
      ("message length", [20, 0, 0, 0, 18, 0, 2, 0, 7, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1], 1),
      ("message length", [16, 0, 0, 0, 2, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0], 1),
      ("sequence number", [16, 0, 0, 0, 18, 0, 2, 0, 8, 0, 0, 0, 0, 0, 0, 0], 9),
      ("message type", [16, 0, 0, 0, 77, 0, 2, 0, 7, 0, 0, 0, 0, 0, 0, 0], 5),
    ] as [(String, [UInt8], Int)])
  func malformed(field: String, bytes: [UInt8], column: Int) {
    guard case .format(let problem)? = error(answers: [bytes]) else {
      Issue.record("expected a format error")
      return
    }
    #expect(problem.field == field)
    #expect(problem.column == column)
    #expect(problem.description.hasPrefix("inet_diag:\(column): "))
  }

  @Test("every truncation of a real answer is an error or an answer, never a crash")
  func truncations() throws {
    let datagram = try RecordedDump("tcp").datagrams[0]
    for length in 0..<datagram.count {
      let isCutBetweenMessages = error(answers: [Array(datagram.prefix(length)), header(20, type: 3) + [0, 0, 0, 0]]) == nil
      // Messages are aligned, so a cut between two of them cannot be told from an end: the kernel's next datagram follows.
      #expect(!isCutBetweenMessages || length % 4 == 0)
    }
  }

  @Test("a table that changed during the dump is reported")
  func interrupted() throws {
    var dump = try RecordedDump("tcp")
    #expect(try dump.sockets(request).isConsistent)
    dump.datagrams[1][6] |= 0x10
    #expect(try !dump.sockets(request).isConsistent)
  }

  @Test("a passed deadline ends a dump that goes on")
  func deadline() throws {
    let dump = try RecordedDump("tcp")
    #expect(throws: ReadError.deadline("inet_diag tcp")) {
      var peer = FakePeer(answers: dump.datagrams)
      _ = try peer.ask(request, until: Deadline(.now - .seconds(1)))
    }
  }
}
