internal import Glibc
internal import Synchronization

/// What a crash handler needs; 0 while there is nothing to give back.
private let armed = Atomic<UInt>(0)

/// Gives a terminal back when the program crashes: a shell on a raw terminal shows nothing of what is typed.
///
/// Handlers of SIGSEGV and its kind may only call what is async-signal-safe; `tcsetattr`, `write`, `sigaction` and `raise` are.
@safe struct TerminalRescue: ~Copyable {
  nonisolated(unsafe) private let record: UnsafeMutablePointer<Record>

  /// - Parameter leaving: what is written to the terminal.
  init(_ descriptor: Int32, _ original: termios, leaving: [UInt8]) {
    let bytes = UnsafeMutablePointer<UInt8>.allocate(capacity: leaving.count)
    for (index, byte) in leaving.enumerated() { unsafe bytes[index] = byte }
    unsafe record = .allocate(capacity: 1)
    let actions = UnsafeMutablePointer<sigaction>.allocate(capacity: Self.signals.count)
    unsafe actions.initialize(repeating: sigaction(), count: Self.signals.count)
    unsafe record.initialize(
      to: Record(descriptor: descriptor, original: original, leaving: bytes, length: leaving.count, earlier: actions))
  }

  deinit {
    disarm()
    unsafe record.pointee.leaving.deallocate()
    unsafe record.pointee.earlier.deallocate()
    unsafe record.deallocate()
  }

  /// Sets the handlers; a second call does nothing. The corresponding C function is `sigaction`.
  func arm() {
    guard unsafe armed.exchange(UInt(bitPattern: record), ordering: .acquiringAndReleasing) == 0 else { return }
    var action = sigaction()
    unsafe action.__sigaction_handler.sa_handler = { number in TerminalRescue.giveBack(number) }
    for (index, signal) in Self.signals.enumerated() { unsafe sigaction(signal, &action, record.pointee.earlier + index) }
  }

  /// Puts the earlier handlers back.
  func disarm() {
    guard armed.exchange(0, ordering: .acquiringAndReleasing) != 0 else { return }
    for (index, signal) in Self.signals.enumerated() { unsafe sigaction(signal, record.pointee.earlier + index, nil) }
  }

  private static let signals = [SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE, SIGABRT]

  /// In the handler: restores the terminal, and lets the signal do what it would have done.
  private static func giveBack(_ number: Int32) {
    let record = unsafe UnsafeMutablePointer<Record>(bitPattern: armed.exchange(0, ordering: .acquiringAndReleasing))
    guard let record = unsafe record else { return }
    unsafe tcsetattr(record.pointee.descriptor, TCSANOW, &record.pointee.original)
    _ = unsafe write(record.pointee.descriptor, record.pointee.leaving, record.pointee.length)
    for (index, signal) in signals.enumerated() where signal == number {
      unsafe sigaction(signal, record.pointee.earlier + index, nil)
    }
    raise(number)
  }

  @unsafe private struct Record {
    let descriptor: Int32
    var original: termios
    let leaving: UnsafeMutablePointer<UInt8>
    let length: Int
    let earlier: UnsafeMutablePointer<sigaction>
  }
}
