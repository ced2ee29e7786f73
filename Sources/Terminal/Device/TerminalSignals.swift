internal import Glibc
package import Kernel
internal import Synchronization

/// Where the handler writes; -1 while nobody listens.
private let handlerDescriptor = Atomic<Int32>(-1)

/// The signals of ``TerminalSignal``, as bytes of a pipe that can be polled together with a terminal. One at a time in a program.
///
/// A handler can do nothing but a few system calls, so it writes the number and the program acts on it when it next looks.
@safe package struct TerminalSignals: ~Copyable {
  private let pipe: WakePipe
  nonisolated(unsafe) private let earlier: UnsafeMutablePointer<sigaction>

  /// Takes the signals over. The corresponding C function is `sigaction`.
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
