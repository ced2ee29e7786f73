import PortModel
import Synchronization

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
    var line = Array("   \(slot): ".utf8)
    appendEnd(local, localPort, to: &line)
    appendEnd(remote, remotePort, to: &line)
    line.append(hexadecimal: UInt64(state.rawValue), digits: 2)
    line += " 00000000:00000000 \(state == .timeWait ? "03" : "00"):".utf8
    line.append(hexadecimal: UInt64(timeWaitRemaining / 10), digits: 8)
    line += " 00000000     0        0 \(inode) 1 0\n".utf8
    return String(decoding: line, as: UTF8.self)
  }

  /// 32-bit words in the byte order of the host that is tested, which is little-endian wherever Swift runs.
  private func appendEnd(_ text: String, _ port: Port, to line: inout [UInt8]) {
    let address = Address.of(text)
    let words = [address.high >> 32, address.high, address.low >> 32, address.low]
    for word in isIPv6 ? words[...] : words[3...] {
      line.append(hexadecimal: UInt64(UInt32(truncatingIfNeeded: word).byteSwapped), digits: 8)
    }
    line.append(UInt8(ascii: ":"))
    line.append(hexadecimal: UInt64(port), digits: 4)
    line.append(UInt8(ascii: " "))
  }
}

extension [UInt8] {
  fileprivate mutating func append(hexadecimal number: UInt64, digits: Int) {
    for place in stride(from: digits - 1, through: 0, by: -1) {
      let digit = UInt8(truncatingIfNeeded: number >> UInt64(place * 4) & 15)
      append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "A") + digit - 10)
    }
  }
}

/// Addresses that a test writes down, and so are known to be right.
enum Address {
  private static let known = Mutex<[String: IPAddress]>([:])

  static func of(_ text: String) -> IPAddress {
    known.withLock { known in
      if let address = known[text] { return address }
      let address = IPAddress(text) ?? IPAddress(high: .max, low: .max)
      known[text] = address
      return address
    }
  }
}
