internal import Glibc
package import Kernel

/// Why a terminal cannot be used: the system call that the kernel refused.
package typealias TerminalError = SystemCallError

/// The size of a terminal in character cells: 80 columns, 24 rows.
package struct TerminalSize: Sendable, Hashable {
  package let columns: Int
  package let rows: Int

  package init(columns: Int, rows: Int) {
    self.columns = columns
    self.rows = rows
  }

  /// The size assumed for a terminal that does not report one.
  package static let assumed = TerminalSize(columns: 80, rows: 24)
}

/// The controlling terminal, with its keys one by one and unechoed, showing its alternate screen.
///
/// It is restored when its owner goes, when it is left for a while, and when the program crashes. Keys that make signals
/// (Ctrl-C, Ctrl-Z) still make them. The corresponding C functions are `tcgetattr` and `tcsetattr`.
package struct RawTerminal: ~Copyable {
  private let device: FileDescriptor
  private let original: termios
  private let rescue: TerminalRescue
  private var isEntered = false

  /// Opens `/dev/tty`, as an open file description of its own, so that it does not become non-blocking for the shell. ``enter()`` takes it.
  package init() throws(SystemCallError) {
    let descriptor = unsafe open(Self.path, O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)
    guard descriptor >= 0 else { throw .last("open", Self.path) }
    var attributes = termios()
    guard unsafe tcgetattr(descriptor, &attributes) == 0 else {
      let error = SystemCallError.last("tcgetattr", Self.path)
      close(descriptor)
      throw error
    }
    device = FileDescriptor(owning: descriptor)
    original = attributes
    rescue = TerminalRescue(descriptor, attributes, leaving: Self.leaving)
  }

  deinit {
    rescue.disarm()
    if isEntered { Self.restore(device.rawValue, original) }
  }

  /// Readable when keys have been pressed.
  package var descriptor: Int32 { device.rawValue }

  /// The size now, or `nil` when the terminal does not know. The corresponding C function is `ioctl` with `TIOCGWINSZ`.
  package var size: TerminalSize? {
    var size = winsize()
    guard unsafe ioctl(device.rawValue, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else { return nil }
    return TerminalSize(columns: Int(size.ws_col), rows: Int(size.ws_row))
  }

  /// Takes the terminal: the first time, and after ``leave()``.
  package mutating func enter() throws(SystemCallError) {
    var raw = original
    raw.c_lflag &= ~tcflag_t(ICANON | ECHO | IEXTEN)
    raw.c_iflag &= ~tcflag_t(IXON)
    // VTIME and VMIN: a single byte is ready at once.
    (raw.c_cc.5, raw.c_cc.6) = (0, 1)
    while unsafe tcsetattr(device.rawValue, TCSANOW, &raw) != 0 {
      guard errno == EINTR else { throw .last("tcsetattr", Self.path) }
    }
    rescue.arm()
    isEntered = true
    Self.write(Self.entering, to: device.rawValue)
  }

  /// Gives the terminal back.
  package mutating func leave() {
    guard isEntered else { return }
    isEntered = false
    rescue.disarm()
    Self.restore(device.rawValue, original)
  }

  /// The bytes of the keys that were pressed; empty if none were, `nil` when the terminal is gone.
  package func read() -> [UInt8]? {
    var buffer = [UInt8](repeating: 0, count: 512)
    let count = unsafe Glibc.read(device.rawValue, &buffer, buffer.count)
    if count > 0 { return Array(buffer.prefix(count)) }
    return count < 0 && (errno == EAGAIN || errno == EINTR) ? [] : nil
  }

  /// Writes `bytes`, unless something can be read from `interruption` first: a terminal behind a dead connection never takes anything again.
  ///
  /// - Returns: `false` when not all was written.
  package func write(_ bytes: [UInt8], orUntil interruption: Int32) -> Bool {
    var written = 0
    while written < bytes.count {
      let count = unsafe bytes.withUnsafeBytes {
        unsafe Glibc.write(device.rawValue, $0.baseAddress.map { unsafe $0 + written }, $0.count - written)
      }
      if count > 0 {
        written += count
      } else if errno == EAGAIN {
        if Readiness.wait(reading: [interruption], writing: device.rawValue, timeout: nil).contains(interruption) { return false }
      } else if errno != EINTR {
        return false
      }
    }
    return true
  }

  private static let path = "/dev/tty"

  /// Alternate screen, no cursor, no wrapping.
  private static let entering = Array("\u{1B}[?1049h\u{1B}[?25l\u{1B}[?7l\u{1B}[2J".utf8)
  /// Ends a synchronized update that was broken off, clears for terminals without an alternate screen, and undoes ``entering``.
  private static let leaving = Array("\u{1B}[?2026l\u{1B}[0m\u{1B}[H\u{1B}[2J\u{1B}[?7h\u{1B}[?25h\u{1B}[?1049l".utf8)

  /// The attributes first: they need no reader at the other end.
  private static func restore(_ descriptor: Int32, _ original: termios) {
    var attributes = original
    unsafe tcsetattr(descriptor, TCSANOW, &attributes)
    write(leaving, to: descriptor)
  }

  /// A short sequence; a terminal that does not take it within half a second is gone.
  private static func write(_ bytes: [UInt8], to descriptor: Int32) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count > 0 {
        rest = rest.dropFirst(count)
      } else if errno == EAGAIN {
        if Readiness.wait(reading: [], writing: descriptor, timeout: .milliseconds(500)).isEmpty { return }
      } else if errno != EINTR {
        return
      }
    }
  }
}
