import Endpoint
import NIOCore
import NIOEmbedded

/// What a connection says to bytes that come in pieces.
struct ProbeRun {
  /// Limits that short inputs reach.
  static var limits: EndpointLimits {
    var limits = EndpointLimits()
    limits.headerFieldBytes = 256
    limits.headerBytes = 1024
    limits.headerFields = 16
    limits.bodyBytes = 128
    limits.pipelinedRequests = 4
    return limits
  }

  /// What it said to the input.
  let said: [UInt8]
  /// Whether it waited for more then.
  let isOpen: Bool
  /// What it said when no more came.
  let farewell: [UInt8]

  /// - Parameters:
  ///   - isSlow: The client takes what is written only after its whole input was read.
  ///   - hangsUp: The client says that no more will come; otherwise it says nothing until every time-out has passed.
  init(_ pieces: [ArraySlice<UInt8>], isSlow: Bool = false, hangsUp: Bool = false) {
    // A task that is left over holds its loop, and the handlers with it.
    weak var held: EmbeddedEventLoop?
    (said, isOpen, farewell) = {
      let channel = EmbeddedChannel()
      held = channel.embeddedEventLoop
      return Self.feed(channel, pieces, isSlow: isSlow, hangsUp: hangsUp)
    }()
    require(held == nil, "something holds the connection that is gone")
  }

  private static func feed(
    _ channel: EmbeddedChannel, _ pieces: [ArraySlice<UInt8>], isSlow: Bool, hangsUp: Bool
  ) -> (said: [UInt8], isOpen: Bool, farewell: [UInt8]) {
    do {
      if isSlow { try channel.pipeline.syncOperations.addHandler(SlowClient()) }
      try ConnectionProbe.install(on: channel, limits: limits)
      channel.connect(to: try SocketAddress(unixDomainSocketPath: "/probe"), promise: nil)
    } catch {
      fail("no connection: \(error)")
    }
    for piece in pieces where channel.isActive && !piece.isEmpty {
      channel.pipeline.fireChannelRead(ByteBuffer(bytes: piece))
      channel.pipeline.fireChannelReadComplete()
      channel.embeddedEventLoop.run()
    }
    let said = written(channel)
    let isOpen = channel.isActive
    if hangsUp { channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed) }
    channel.embeddedEventLoop.advanceTime(by: hangsUp ? .zero : .hours(1))
    let farewell = written(channel)
    require(!channel.isActive, "the connection is still there")
    do { try channel.throwIfErrorCaught() } catch { fail("nobody took \(error)") }
    return (said, isOpen, farewell)
  }

  private static func written(_ channel: EmbeddedChannel) -> [UInt8] {
    var bytes: [UInt8] = []
    do {
      while let part = try channel.readOutbound(as: IOData.self) {
        guard case .byteBuffer(let buffer) = part else { fail("a file in place of bytes") }
        bytes += Array(buffer: buffer)
      }
    } catch {
      fail("\(error)")
    }
    return bytes
  }
}

/// Lets what is written through at the next turn of the event loop.
private final class SlowClient: ChannelOutboundHandler {
  typealias OutboundIn = IOData

  func flush(context: ChannelHandlerContext) {
    context.eventLoop.assumeIsolated().execute { context.flush() }
  }
}
