import Kernel
import KernelFormats
import PortModel
import Scraper
import TestSupport

/// A kernel's answer, recorded on Linux 6.18: each datagram behind its length in four bytes. The question had sequence number 7.
struct RecordedDump {
  static let sequence: UInt32 = 7

  var datagrams: [[UInt8]]

  init(_ name: String) throws {
    let bytes = try Fixture("inet_diag/\(name).dump").bytes()
    datagrams = []
    var offset = 0
    while offset < bytes.count {
      let length = (0..<4).reduce(0) { $0 | Int(bytes[offset + $1]) << ($1 * 8) }
      datagrams.append(Array(bytes[offset + 4..<offset + 4 + length]))
      offset += 4 + length
    }
  }

  /// Replays the answer through the program's own reader.
  func sockets(_ request: InetDiagRequest) throws -> (records: [SocketRecord], isConsistent: Bool) {
    var peer = FakePeer(answers: datagrams)
    return try peer.ask(request)
  }
}

/// A netlink peer that answers what a test wants, once.
struct FakePeer: ~Copyable, NetlinkChannel {
  var answers: [[UInt8]]
  var failure: SystemCallError?
  private(set) var question: [UInt8] = []

  init(answers: [[UInt8]] = [], failure: SystemCallError? = nil) {
    self.answers = answers
    self.failure = failure
  }

  mutating func send(_ request: [UInt8]) throws(SystemCallError) { question = request }

  mutating func receive(into buffer: inout [UInt8]) throws(SystemCallError) -> Int {
    guard !answers.isEmpty else { throw failure ?? SystemCallError(call: "receive", subject: "fake", code: 11) }
    let answer = answers.removeFirst()
    guard answer.count <= buffer.count else { throw SystemCallError(call: "receive", subject: "fake", code: 90) }
    buffer.replaceSubrange(0..<answer.count, with: answer)
    return answer.count
  }

  mutating func ask(
    _ request: InetDiagRequest, until deadline: Deadline = .never
  ) throws(ReadError) -> (records: [SocketRecord], isConsistent: Bool) {
    var buffer = [UInt8](repeating: 0, count: InetDiagDump.bufferSize)
    var records: [SocketRecord] = []
    let isConsistent = try InetDiagDump.run(
      request, on: &self, buffer: &buffer, sequence: RecordedDump.sequence, until: deadline
    ) { records.append($0) }
    return (records, isConsistent)
  }
}
