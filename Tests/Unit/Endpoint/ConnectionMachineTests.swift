import Endpoint
import NIOHTTP1
import Testing

/// The rules of a connection, one transition after the other, without a channel.
@Suite struct ConnectionMachineTests {
  typealias Action = ConnectionMachine.Action
  typealias Event = ConnectionMachine.Event

  static let get = HTTPRequestHead(version: .http1_1, method: .GET, uri: "/metrics", headers: ["Host": "a"])
  static let post = HTTPRequestHead(version: .http1_1, method: .POST, uri: "/", headers: ["Host": "a", "Content-Length": "10"])
  static let fine = Response.text(.ok, "fine")
  static let whole: [Event] = [.head(get, isRefused: false), .end]

  static func machine(isTLS: Bool = false, after events: [Event] = []) -> ConnectionMachine {
    var limits = EndpointLimits()
    limits.pipelinedRequests = 2
    limits.bodyBytes = 20
    var machine = ConnectionMachine(limits: limits, isTLS: isTLS)
    for event in [.opened] + events { _ = machine.handle(event) }
    return machine
  }

  static func handle(_ machine: inout ConnectionMachine, _ events: Event...) -> [Action] { events.flatMap { machine.handle($0) } }

  /// The status and whether the connection goes on, of each response among the actions.
  static func written(_ actions: [Action]) -> [String] {
    actions.compactMap { action in
      if case .write(let response, _, let keepAlive) = action { "\(response.status.code)\(keepAlive ? "" : " close")" } else { nil }
    }
  }

  @Test("a request is answered, and the connection waits for the next one")
  func request() {
    var machine = Self.machine()
    #expect(Self.handle(&machine, .head(Self.get, isRefused: false)) == [])
    #expect(machine.handle(.end) == [.answer(Self.get), .stopWaiting])
    #expect(machine.handle(.readCompleted) == [])
    #expect(machine.handle(.answered(Self.fine)) == [.write(Self.fine, to: Self.get, keepAlive: true)])
    #expect(machine.handle(.written(true)) == [.wait(.idle), .read])
    #expect(machine.handle(.readCompleted) == [.wait(.header), .read])
    #expect(machine.handle(.timerFired(.idle)) == [], "the timer of a phase that is over")
  }

  @Test(
    "each phase has its own end",
    arguments: [
      (false, [], ConnectionPhase.header, [] as [String]), (true, [], .handshake, []), (true, [.handshakeCompleted], .header, []),
      (false, [.readCompleted], .header, ["408 close"]), (false, [.head(post, isRefused: false), .readCompleted], .body, ["408 close"]),
      (false, whole + [.answered(fine), .written(true)], .idle, []), (false, whole + [.answered(fine), .writePending], .response, []),
      (false, [.unreadable(Response.closing), .written(true)], .linger, []),
    ] as [(Bool, [Event], ConnectionPhase, [String])])
  func phases(isTLS: Bool, events: [Event], phase: ConnectionPhase, answers: [String]) {
    var machine = Self.machine(isTLS: isTLS, after: events)
    for other in ConnectionPhase.allCases where other != phase { #expect(machine.handle(.timerFired(other)) == []) }
    let actions = machine.handle(.timerFired(phase))
    #expect(Self.written(actions) == answers)
    #expect(actions.contains(.stopWaiting))
    #expect((actions.last == .close) == answers.isEmpty)
  }

  @Test("pipelined requests are answered one at a time and in order; one too many is the last")
  func pipelining() {
    var machine = Self.machine()
    var second = Self.get
    second.uri = "/second"
    #expect(Self.handle(&machine, .head(Self.get, isRefused: false), .end) == [.answer(Self.get), .stopWaiting])
    for _ in 0..<3 { #expect(Self.handle(&machine, .head(second, isRefused: false), .end) == []) }
    #expect(Self.handle(&machine, .head(Self.get, isRefused: false), .end, .readCompleted) == [], "taken no more, and not read on")
    for number in 1...3 {
      #expect(Self.written(machine.handle(.answered(Self.fine))) == ["200"])
      #expect(machine.handle(.written(true)) == [.turn])
      #expect(machine.handle(.turned) == [.answer(second)], "\(number)")
    }
    #expect(Self.written(machine.handle(.answered(Self.fine))) == ["200 close"])
    #expect(machine.handle(.written(true)) == [.close])
  }

  @Test("a body is counted, dropped, and refused once it is too long")
  func body() {
    var machine = Self.machine(after: [.head(Self.post, isRefused: false), .body(20)])
    #expect(machine.handle(.end) == [.answer(Self.post), .stopWaiting])
    machine = Self.machine(after: [.head(Self.post, isRefused: false), .body(20)])
    #expect(Self.written(machine.handle(.body(1))) == ["413 close"])
    #expect(Self.handle(&machine, .body(1), .end, .head(Self.get, isRefused: false)) == [])
  }

  @Test("what is refused whatever its body holds is answered before the body comes, and the body is thrown away for a moment")
  func refusedByHead() {
    var machine = Self.machine()
    #expect(machine.handle(.head(Self.post, isRefused: true)) == [.answer(Self.post), .stopWaiting])
    #expect(Self.written(machine.handle(.answered(Response.text(.methodNotAllowed, "no")))) == ["405 close"])
    #expect(machine.handle(.written(true)) == [.wait(.linger), .closeOutput, .read])
    #expect(Self.handle(&machine, .body(5), .end, .readCompleted) == [.read])
    #expect(machine.handle(.inputClosed) == [.stopWaiting, .close])
    machine = Self.machine()
    var long = Self.post
    long.headers.replaceOrAdd(name: "Content-Length", value: "21")
    #expect(Self.written(machine.handle(.head(long, isRefused: false))) == ["413 close"])
  }

  @Test("a client that has said everything gets the answers it is owed")
  func halfClosed() {
    var machine = Self.machine(after: Self.whole + [.inputClosed])
    #expect(Self.written(machine.handle(.answered(Self.fine))) == ["200 close"])
    #expect(machine.handle(.written(true)) == [.close])
    machine = Self.machine()
    #expect(machine.handle(.inputClosed) == [.stopWaiting, .close])
  }

  @Test("a shutdown lets the running request end and closes what waits")
  func shutdown() {
    var machine = Self.machine(after: Self.whole + [.shutdown])
    #expect(Self.written(machine.handle(.answered(Self.fine))) == ["200 close"])
    machine = Self.machine(after: Self.whole + [.answered(Self.fine), .written(true)])
    #expect(machine.handle(.shutdown) == [.stopWaiting, .close])
    machine = Self.machine()
    #expect(machine.handle(.shutdown) == [.stopWaiting, .close])
    // Part of a request has come: it is answered, and is the last.
    machine = Self.machine(after: [.readCompleted, .shutdown] + Self.whole)
    #expect(Self.written(machine.handle(.answered(Self.fine))) == ["200 close"])
  }

  @Test("a client that reads slowly is timed while it reads, and no longer")
  func slowReader() {
    var machine = Self.machine(after: Self.whole + [.readCompleted, .answered(Self.fine)])
    #expect(machine.handle(.writePending) == [.wait(.response)])
    #expect(machine.handle(.readCompleted) == [])
    #expect(machine.handle(.written(true)) == [.wait(.idle), .read])
    machine = Self.machine(after: Self.whole + [.answered(Self.fine), .writePending])
    #expect(machine.handle(.timerFired(.response)) == [.log("client reads too slowly, closing", path: "/metrics"), .stopWaiting, .close])
  }

  @Test("a client that goes away leaves one line at most, and its answer is dropped")
  func gone() {
    var machine = Self.machine(after: Self.whole)
    #expect(machine.handle(.closed) == [.log("client went away before its answer was complete", path: "/metrics")])
    #expect(Self.handle(&machine, .answered(Self.fine), .written(true), .failed("x"), .closed) == [])
    machine = Self.machine()
    #expect(machine.handle(.failed("x")) == [.log("connection failed", error: "x"), .stopWaiting, .close])
    machine = Self.machine(isTLS: true)
    #expect(machine.handle(.nameRefused).last == .close)
  }

  @Test(
    "whatever happens in whatever order: answers in order and one for each request, nothing after the end, never without a way on",
    arguments: 0..<300)
  func anything(seed: Int) {
    var run = MachineRun(seed: UInt64(seed))
    for _ in 0..<80 { run.step() }
    run.settle()
  }
}

extension Response {
  /// A refusal after which the connection ends.
  fileprivate static var closing: Response {
    var response = Response.text(.badRequest, "400 Bad Request")
    response.closesConnection = true
    return response
  }
}
