package import PortModel
package import Terminal

/// The view on a terminal, from the first frame to the key `q`.
package struct LiveSession: ~Copyable {
  private var state: LiveState
  private let look: Look
  private let sampler: Sampler
  private var terminal: RawTerminal
  private let signals: TerminalSignals
  private var screen: ScreenWriter
  private var keys = KeyReader()
  private var size: TerminalSize
  /// When to take the next snapshot; `nil` while one is being taken.
  private var next: ContinuousClock.Instant?

  /// Why a session ended.
  package enum Ending: Sendable, Hashable {
    case quit
    /// The program was told to end, or its terminal went away.
    case signal(TerminalSignal)
  }

  /// Shows `state` on the controlling terminal until the user, or a signal, ends it. The terminal is then as it was before, also when this
  /// throws.
  ///
  /// - Parameters:
  ///   - source: takes one snapshot, and may block for any time; it runs on a thread of its own.
  /// - Throws: `TerminalError` when there is no controlling terminal.
  package static func run(
    _ state: LiveState, _ look: Look, source: @escaping @Sendable () -> Result<PoolSnapshot, LiveFailure>
  ) throws(TerminalError) -> Ending {
    var session = LiveSession(state, look, try Sampler(source), try TerminalSignals(), try RawTerminal())
    return try session.run()
  }

  private init(
    _ state: LiveState, _ look: Look, _ sampler: Sampler, _ signals: consuming TerminalSignals, _ terminal: consuming RawTerminal
  ) {
    (self.state, self.look, self.sampler) = (state, look, sampler)
    (screen, size, next) = (ScreenWriter(look.colors), terminal.size ?? .assumed, .now)
    self.signals = signals
    self.terminal = terminal
  }

  deinit { sampler.end() }

  private mutating func run() throws(TerminalError) -> Ending {
    // The signals are taken over already, and still are when it is given back.
    try terminal.enter()
    defer { terminal.leave() }
    while true {
      lookWhenDue()
      draw()
      let ready = Readiness.wait(reading: [signals.descriptor, sampler.answers.reading, terminal.descriptor], timeout: patience)
      for signal in signals.received() {
        if let ending = try take(signal) { return ending }
      }
      if ready.contains(sampler.answers.reading) { takeSample() }
      if ready.isEmpty, press(keys.finish()) { return .quit }
      guard ready.contains(terminal.descriptor) else { continue }
      guard let bytes = terminal.read() else { return .signal(.hangUp) }
      if press(keys.read(bytes)) { return .quit }
    }
  }

  /// How long to wait for input: until the next snapshot, or until an escape that nothing follows is the key of that name.
  private var patience: Duration? {
    if keys.isWaiting { return .milliseconds(50) }
    return state.isPaused ? nil : next.map { $0 - .now }
  }

  private mutating func lookWhenDue() {
    guard let next, next <= .now, !state.isPaused else { return }
    self.next = nil
    sampler.request()
  }

  private mutating func takeSample() {
    guard let sample = sampler.take() else { return }
    state.receive(sample)
    next = .now + .seconds(state.interval)
  }

  /// - Returns: whether one of the keys ends the session.
  private mutating func press(_ keys: [Key]) -> Bool {
    for key in keys {
      switch state.press(key) {
      case .none: break
      case .quit: return true
      case .look: if next != nil { next = .now }
      case .redraw: screen.forget()
      }
    }
    return false
  }

  private mutating func take(_ signal: TerminalSignal) throws(TerminalError) -> Ending? {
    switch signal {
    case .interrupt: return .quit
    case .hangUp, .quit, .terminate: return .signal(signal)
    case .resize: break
    case .suspend:
      terminal.leave()
      TerminalSignal.stopProgram()
      try terminal.enter()
    case .resume:
      // After a stop without warning (SIGSTOP) the shell has changed the terminal's modes.
      try terminal.enter()
    }
    size = terminal.size ?? size
    screen.forget()
    return nil
  }

  /// A frame that a signal interrupted is redrawn whole after it.
  private mutating func draw() {
    let bytes = screen.bytes(Frame(state, size, look))
    if !terminal.write(bytes, orUntil: signals.descriptor) { screen.forget() }
  }
}
