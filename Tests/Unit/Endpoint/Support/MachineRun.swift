import Endpoint
import NIOHTTP1
import TestSupport
import Testing

/// A connection machine among events in random order, some of them out of place, with a channel that keeps account of what it is told.
struct MachineRun {
  private var random: SplitMix64
  private var machine: ConnectionMachine
  private var timer: ConnectionPhase?
  /// The target of the request whose answer is being made.
  private var making: String?
  private var isWriting = false
  private var isPending = false
  private var owesTurn = false
  private var isOutputClosed = false
  private var isClosed = false
  /// The last response said that the connection ends.
  private var saidLast = false
  /// How many requests began, and the targets of the answers, in order.
  private var requests = 0
  private var answered: [String] = []
  private var history: [String] = []

  init(seed: UInt64) {
    random = SplitMix64(seed: seed)
    var limits = EndpointLimits()
    limits.pipelinedRequests = 3
    limits.bodyBytes = 100
    machine = ConnectionMachine(limits: limits, isTLS: seed % 5 == 0)
    handle(.opened)
  }

  /// One thing that happens: mostly what is due, sometimes anything.
  mutating func step() {
    switch Int.random(in: 0..<24, using: &random) {
    case 0...3: handle(.head(head(), isRefused: Int.random(in: 0..<12, using: &random) == 0))
    case 4...6: handle(.end)
    case 7: handle(.body(Int.random(in: 0..<80, using: &random)))
    case 8...10: handle(.readCompleted)
    case 11...14: proceed()
    case 15: if isWriting { pend() }
    case 16: handle(.handshakeCompleted)
    case 17: if let timer, Int.random(in: 0..<3, using: &random) == 0 { handle(.timerFired(timer)) }
    // Out of place: too late, twice, or for nothing.
    case 18: handle(.timerFired(ConnectionPhase.allCases.randomElement(using: &random) ?? .idle))
    case 19: if making == nil { handle(.answered(.text(.ok, "late"))) }
    case 20: if !isWriting { handle(.written(true)) }
    case 21: if !owesTurn { handle(.turned) }
    case 22:
      handle(
        [.inputClosed, .shutdown, .unreadable(.text(.badRequest, "400")), .nameRefused].randomElement(using: &random) ?? .shutdown,
        rarely: 4)
    default: handle([.closed, .failed("reset")].randomElement(using: &random) ?? .closed, rarely: 8)
    }
  }

  /// Lets everything that is under way come to its end, then the time-outs pass: the connection must be closed.
  mutating func settle() {
    for _ in 0..<100 where !isClosed {
      if making != nil || isWriting || owesTurn {
        proceed()
      } else if let timer {
        handle(.timerFired(timer))
      } else {
        Issue.record("nothing is under way and no timer runs: \(history)")
        return
      }
    }
    #expect(isClosed, "\(history)")
  }

  private mutating func handle(_ event: ConnectionMachine.Event, rarely odds: Int = 1) {
    guard Int.random(in: 0..<odds, using: &random) == 0 else { return }
    history.append("\(event)")
    if case .head = event { requests += 1 }
    if case .closed = event { (making, isWriting, owesTurn) = (nil, false, false) }
    let wasClosed = isClosed
    let actions = machine.handle(event)
    if wasClosed { #expect(actions == [], "after the end: \(history)") }
    for action in actions { perform(action) }
    if case .closed = event { isClosed = true }
    if isClosed { #expect(timer == nil, "a timer after the end: \(history)") }
  }

  private mutating func perform(_ action: ConnectionMachine.Action) {
    #expect(!isClosed, "\(action) after the close: \(history)")
    switch action {
    case .read, .log: break
    case .answer(let head):
      #expect(making == nil && !isWriting && !owesTurn, "two at a time: \(history)")
      #expect(Int(head.uri).map { $0 > answered.compactMap { Int($0) }.last ?? -1 } == true, "out of order: \(history)")
      making = head.uri
    case .write(_, let head, let keepAlive):
      #expect(!isWriting && !saidLast && !isOutputClosed, "\(history)")
      #expect(making == nil || making == head.uri)
      making = nil
      isWriting = true
      saidLast = !keepAlive
      answered.append(head.uri)
      #expect(Set(answered).count == answered.count, "two answers to one request: \(history)")
      #expect(answered.count <= requests + 1, "more answers than requests and one farewell: \(history)")
    case .wait(let phase):
      #expect(timer != phase)
      #expect(phase == .response ? isWriting : making == nil && !isWriting, "\(phase) while it is our turn: \(history)")
      timer = phase
    case .stopWaiting: timer = nil
    case .turn: owesTurn = true
    case .closeOutput: isOutputClosed = true
    case .close:
      isClosed = true
      (making, isWriting, owesTurn) = (nil, false, false)
    }
  }

  /// The answer, the write or the turn that is due.
  private mutating func proceed() {
    if making != nil {
      handle(.answered(.text(.ok, "fine")))
    } else if isWriting {
      isWriting = false
      isPending = false
      handle(.written(true))
    } else if owesTurn {
      owesTurn = false
      handle(.turned)
    }
  }

  private mutating func pend() {
    guard !isPending else { return }
    isPending = true
    handle(.writePending)
  }

  private mutating func head() -> HTTPRequestHead {
    var head = HTTPRequestHead(version: .http1_1, method: .GET, uri: "\(requests)", headers: ["Host": "a"])
    switch Int.random(in: 0..<12, using: &random) {
    case 0: head.headers.add(name: "Connection", value: "close")
    case 1: head.headers.add(name: "Upgrade", value: "h2c")
    case 2: head.headers.add(name: "Expect", value: "100-continue")
    case 3: head.headers.remove(name: "Host")
    case 4: head.version = .http1_0
    default: break
    }
    return head
  }
}
