import PortModel

/// A socket as a test wants it in a table: `SocketLine(.established, "192.0.2.10", 40000, "198.51.100.7", 443)`.
struct SocketLine: Sendable, Hashable {
  let state: SocketState
  let local: String
  let localPort: Port
  let remote: String
  let remotePort: Port
  /// Milliseconds left of TIME_WAIT.
  let timeWaitRemaining: UInt32
  /// 0 for a socket without an owner, which is what TIME_WAIT always is.
  let inode: UInt64

  init(
    _ state: SocketState, _ local: String, _ localPort: Port, _ remote: String, _ remotePort: Port, timeWaitRemaining: UInt32 = 0,
    inode: UInt64? = nil
  ) {
    self.state = state
    self.local = local
    self.localPort = localPort
    self.remote = remote
    self.remotePort = remotePort
    self.timeWaitRemaining = timeWaitRemaining
    self.inode = inode ?? (state == .timeWait ? 0 : 1_000_000 + UInt64(localPort))
  }

  static func listener(_ local: String, _ port: Port) -> SocketLine {
    SocketLine(.listen, local, port, local.contains(":") ? "::" : "0.0.0.0", 0)
  }

  /// A UDP socket that is bound and not connected.
  static func unconnected(_ local: String, _ port: Port) -> SocketLine {
    SocketLine(.close, local, port, local.contains(":") ? "::" : "0.0.0.0", 0)
  }

  /// One connection from `local` to `remote` for each of `ports`.
  static func connections(
    _ ports: some Sequence<Int>, from local: String = "192.0.2.10", to remote: String = "198.51.100.7", _ remotePort: Port = 443,
    state: SocketState = .established, timeWaitRemaining: UInt32 = 0
  ) -> [SocketLine] {
    ports.map { SocketLine(state, local, Port($0), remote, remotePort, timeWaitRemaining: timeWaitRemaining) }
  }

  /// Whether it stands in `tcp6` or `udp6`.
  var isIPv6: Bool { local.contains(":") }

  /// The line as the kernel writes it, with its line feed.
  func text(slot: Int) -> String {
    let slot = "\(slot)".leftPadded(to: 4, with: " ")
    let timer = timeWaitRemaining > 0 || state == .timeWait ? "03:" + hexadecimal(UInt64(timeWaitRemaining / 10), 8) : "00:00000000"
    let ends = "\(words(local)):\(hexadecimal(UInt64(localPort), 4)) \(words(remote)):\(hexadecimal(UInt64(remotePort), 4))"
    return "\(slot): \(ends) \(hexadecimal(UInt64(state.rawValue), 2)) 00000000:00000000 \(timer) 00000000     0        0 \(inode) 1 0\n"
  }

  /// 32-bit words in the byte order of the host that is tested, which is little-endian wherever Swift runs.
  private func words(_ text: String) -> String {
    let address = Address.of(text)
    let words = [address.high >> 32, address.high, address.low >> 32, address.low].map { UInt32(truncatingIfNeeded: $0).byteSwapped }
    return (isIPv6 ? words[...] : words[3...]).map { hexadecimal(UInt64($0), 8) }.joined()
  }

  private func hexadecimal(_ number: UInt64, _ digits: Int) -> String {
    String(number, radix: 16, uppercase: true).leftPadded(to: digits, with: "0")
  }
}

/// Addresses that a test writes down, and so are known to be right.
enum Address {
  static func of(_ text: String) -> IPAddress { IPAddress(text) ?? IPAddress(high: .max, low: .max) }
}

extension String {
  fileprivate func leftPadded(to length: Int, with character: Character) -> String {
    String(repeating: character, count: max(0, length - count)) + self
  }
}
