internal import CCrypt
internal import NIOPosix

/// Checks passwords one at a time on a thread of its own: a flood of logins takes one core at most, and never the event loop.
///
/// The queue is fair and short: clients take turns by address, and an address whose turn is far off is told so at once.
actor LoginQueue {
  enum Outcome: Sendable { case right, wrong, busy }

  /// How many checks may wait for one address.
  static let limitPerAddress = 4
  /// How many checks may wait at all.
  static let limit = 64

  private struct Check {
    let password: [UInt8]
    let hash: String
    let done: CheckedContinuation<Outcome, Never>
  }

  private let pool = NIOThreadPool(numberOfThreads: 1)
  private var waiting: [String: [Check]] = [:]
  /// The addresses with checks that wait, next first.
  private var turns: [String] = []
  private var count = 0
  private var isRunning = false

  /// Whether the password has the hash.
  func check(_ password: [UInt8], hash: String, address: String) async -> Outcome {
    guard count < Self.limit, (waiting[address]?.count ?? 0) < Self.limitPerAddress else { return .busy }
    return await withCheckedContinuation { done in
      if waiting[address] == nil { turns.append(address) }
      waiting[address, default: []].append(Check(password: password, hash: hash, done: done))
      count += 1
      startNext()
    }
  }

  /// Ends the thread. Checks that wait are answered first.
  func shutdown() async {
    try? await pool.shutdownGracefully()
  }

  private func startNext() {
    guard !isRunning, !turns.isEmpty else { return }
    let address = turns.removeFirst()
    guard var checks = waiting.removeValue(forKey: address), !checks.isEmpty else { return }
    let check = checks.removeFirst()
    if !checks.isEmpty {
      waiting[address] = checks
      turns.append(address)
    }
    count -= 1
    isRunning = true
    pool.start()
    Task {
      let matches = try? await pool.runIfActive { PasswordCheck.matches(check.password, hash: check.hash) }
      check.done.resume(returning: matches == true ? .right : .wrong)
      isRunning = false
      startNext()
    }
  }
}

/// Compares a password with a bcrypt hash.
enum PasswordCheck {
  /// Takes as long as the cost of the hash says: 58 ms at 10. Never call it on an event loop.
  ///
  /// The corresponding C function is `crypt_r`.
  static func matches(_ password: [UInt8], hash: String) -> Bool {
    // A C string ends at a NUL: what follows it would not be compared. The time is spent all the same.
    let phrase = password.contains(0) ? [] : password
    let result = unsafe (phrase + [0]).withUnsafeBufferPointer { bytes in
      unsafe bytes.withMemoryRebound(to: CChar.self) { text in
        guard let start = text.baseAddress else { return CInt(-1) }
        return unsafe ccrypt_matches(start, hash)
      }
    }
    return result == 1 && !password.contains(0)
  }
}
