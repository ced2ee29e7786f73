import Endpoint
import Foundation
import NIOCore
import NIOEmbedded
import NIOHTTP1
import TestSupport
import Testing

@Suite struct RequestFuzzTests {
  /// Feeds bytes in pieces to a connection and returns what it answers. The connection must be closed or open, never stuck in between.
  static func answers(_ pieces: [[UInt8]]) throws -> String {
    let channel = EmbeddedChannel()
    try ConnectionProbe.install(on: channel)
    channel.connect(to: try NIOCore.SocketAddress(unixDomainSocketPath: "/probe"), promise: nil)
    for piece in pieces where channel.isActive && !piece.isEmpty { _ = try? channel.writeInbound(ByteBuffer(bytes: piece)) }
    channel.embeddedEventLoop.advanceTime(by: .hours(1))
    var text = ""
    while let part = try channel.readOutbound(as: IOData.self) {
      if case .byteBuffer(let buffer) = part { text += String(buffer: buffer) }
    }
    // After an hour nothing is waited for any more.
    #expect(!channel.isActive)
    _ = try? channel.finish(acceptAlreadyClosed: true)
    return text
  }

  @Test("a request in any pieces gets one answer")
  func pieces() async throws { try await blocking { try Self.everyCut() } }

  private static func everyCut() throws {
    let request = Array("GET /a?b=c HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc".utf8)
    for cut in 0...request.count {
      let text = try Self.answers([Array(request[..<cut]), Array(request[cut...])])
      #expect(text.hasPrefix("HTTP/1.1 200 OK\r\n") && text.hasSuffix("/a b false -\n"))
    }
    #expect(try Self.answers(request.map { [$0] }).components(separatedBy: "HTTP/1.1 200 OK").count == 2)
  }

  @Test(
    "a connection that is gone is held by nothing, nor by a timer",
    arguments: ["", "GET / HTTP/1.1\r\nHost: a\r\n\r\n", "GET / HTTP/1.1\r\n\r\n", "GET / HTTP/2.0\r\n\r\n", "GET / HTTP/1.1\r\nHo"])
  func isReleased(_ request: String) async throws {
    let isHeld = try await blocking { try Self.held(after: request) != nil }
    #expect(!isHeld)
  }

  /// The loop of a connection whose client sent a request and then closed its way, if a task of the connection still holds it.
  private static func held(after request: String) throws -> EmbeddedEventLoop? {
    weak var held: EmbeddedEventLoop?
    try {
      let channel = EmbeddedChannel()
      held = channel.embeddedEventLoop
      try ConnectionProbe.install(on: channel)
      channel.connect(to: try NIOCore.SocketAddress(unixDomainSocketPath: "/probe"), promise: nil)
      _ = try? channel.writeInbound(ByteBuffer(string: request))
      channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
      channel.embeddedEventLoop.run()
    }()
    return held
  }

  @Test("no bytes make a connection crash, hang or answer more than it was asked")
  func rubbish() async throws { try await blocking { try Self.feedRubbish() } }

  private static func feedRubbish() throws {
    var generator = SplitMix64(seed: 0x2545_f491_4f6c_dd1d)
    func random(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &generator) }
    let words = [
      "GET ", "POST ", "CONNECT ", "PRI ", "/ ", "/metrics ", "* ", "http://a/ ", "HTTP/1.1", "HTTP/1.0", "HTTP/2.0", "\r\n", "\n", "\r",
      "\r\n\r\n",
      "Host: a\r\n", "Content-Length: 5\r\n", "Content-Length: 99999999999999999999\r\n", "Transfer-Encoding: chunked\r\n",
      "Transfer-Encoding: x\r\n",
      "Connection: close\r\n", "Connection: keep-alive\r\n", "Upgrade: h2c\r\n", "Expect: 100-continue\r\n", "5\r\nhello\r\n", "0\r\n\r\n",
      "0\r\nX: y\r\n\r\n",
      "ffffffffffffffff\r\n", ";ext=1\r\n", "Authorization: Basic YTpi\r\n", ": ", " ", "\t", "\u{0}", "é", "hello", "%zz", "?a[]=b&c", ":",
    ]
    for _ in 0..<1000 {
      var pieces: [[UInt8]] = []
      for _ in 0..<(1 + random(3)) {
        var piece: [UInt8] = random(3) == 0 ? Array("GET / HTTP/1.1\r\nHost: a\r\n".utf8) : []
        for _ in 0..<random(12) { piece += Array(words[random(words.count)].utf8) }
        if random(4) == 0, !piece.isEmpty { piece[random(piece.count)] = UInt8(random(256)) }
        pieces.append(piece)
      }
      let input = String(decoding: pieces.joined(), as: UTF8.self)
      let answers = try Self.answers(pieces).components(separatedBy: "\r\nContent-Length: ").count - 1
      #expect(answers <= input.components(separatedBy: "HTTP/1").count, "\(input.debugDescription)")
    }
  }
}
