internal import Glibc
package import Kernel
internal import Synchronization

/// A signal that concerns a program which holds a terminal.
package enum TerminalSignal: UInt8, Sendable, Hashable, CaseIterable {
  /// SIGHUP: the terminal is gone.
  case hangUp = 1
  /// SIGINT: Ctrl-C.
  case interrupt = 2
  /// SIGQUIT: Ctrl-\.
  case quit = 3
  /// SIGTERM.
  case terminate = 15
  /// SIGCONT: the program goes on after it was stopped.
  case resume = 18
  /// SIGTSTP: Ctrl-Z.
  case suspend = 20
  /// SIGWINCH: the terminal has another size.
  case resize = 28

  /// Ends the program as this signal does where nobody handles it, so that a shell sees how it ended. The corresponding C function is `raise`.
  package func endProgram() {
    signal(Int32(rawValue), SIG_DFL)
    Self.raiseUnblocked(Int32(rawValue))
  }

  /// Stops the program as Ctrl-Z does, if there is a shell to resume it. The corresponding C function is `raise`.
  ///
  /// The signal goes to this thread, which takes it before `raise` returns, and so before the handler is back. In an orphaned process group,
  /// such as that of `ssh HOST portpool top`, the kernel ignores the default stop, and so this returns at once.
  package static func stopProgram() {
    var standard = sigaction()
    unsafe standard.__sigaction_handler.sa_handler = SIG_DFL
    var handler = sigaction()
    unsafe sigaction(SIGTSTP, &standard, &handler)
    raiseUnblocked(SIGTSTP)
    unsafe sigaction(SIGTSTP, &handler, nil)
  }

  /// Swift's own threads have signals blocked, and a blocked signal would only wait. The corresponding C function is `pthread_sigmask`.
  private static func raiseUnblocked(_ signal: Int32) {
    var (signals, earlier) = (sigset_t(), sigset_t())
    unsafe sigemptyset(&signals)
    unsafe sigaddset(&signals, signal)
    unsafe pthread_sigmask(SIG_UNBLOCK, &signals, &earlier)
    raise(signal)
    unsafe pthread_sigmask(SIG_SETMASK, &earlier, nil)
  }
}

/// Where the handler writes; -1 while nobody reads.
private let handlerDescriptor = Atomic<Int32>(-1)

/// The signals of ``TerminalSignal``, as bytes of a pipe that can be polled together with a terminal. One at a time in a program.
///
/// A handler can do nothing but a few system calls, so it writes the number, and the program acts on it at its next wait.
@safe package struct TerminalSignals: ~Copyable {
  private let pipe: WakePipe
  nonisolated(unsafe) private let earlier: UnsafeMutablePointer<sigaction>

  /// Installs the handlers. The corresponding C function is `sigaction`.
  package init() throws(SystemCallError) {
    pipe = try WakePipe()
    handlerDescriptor.store(pipe.writing, ordering: .releasing)
    let signals = TerminalSignal.allCases
    unsafe earlier = .allocate(capacity: signals.count)
    unsafe earlier.initialize(repeating: sigaction(), count: signals.count)
    var action = sigaction()
    action.sa_flags = SA_RESTART
    unsafe action.__sigaction_handler.sa_handler = { number in
      let code = errno
      let descriptor = handlerDescriptor.load(ordering: .acquiring)
      var byte = UInt8(truncatingIfNeeded: number)
      if descriptor >= 0 { _ = unsafe write(descriptor, &byte, 1) }
      errno = code
    }
    for (index, signal) in signals.enumerated() {
      unsafe sigaction(Int32(signal.rawValue), &action, earlier + index)
    }
  }

  deinit {
    for (index, signal) in TerminalSignal.allCases.enumerated() {
      unsafe sigaction(Int32(signal.rawValue), earlier + index, nil)
    }
    handlerDescriptor.store(-1, ordering: .releasing)
    unsafe earlier.deallocate()
  }

  /// Readable when a signal has arrived.
  package var descriptor: Int32 { pipe.reading }

  /// The signals that have arrived since the last call, in their order.
  package func received() -> [TerminalSignal] { pipe.drain().compactMap(TerminalSignal.init) }
}
