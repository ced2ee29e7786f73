internal import Glibc

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

  /// Ends the program as this signal does where nobody handles it, so that a shell learns of it. The corresponding C function is `raise`.
  package func endProgram() {
    signal(Int32(rawValue), SIG_DFL)
    Self.raiseUnblocked(Int32(rawValue))
  }

  /// Stops the program as Ctrl-Z does, where there is someone to let it go on. The corresponding C function is `raise`.
  ///
  /// The signal goes to this thread, which takes it before `raise` returns, and so before the handler is back. In an orphaned process group, such as that of `ssh HOST portpool top`, the kernel ignores the default stop, and so this returns at once.
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
