import PortModel
import Scraper
import TestSupport
import Testing

/// A connect() on a device, by `SO_BINDTODEVICE` or to a link-local address, meets the sockets of that device and those on none; any other
/// connect() meets only those on none. `/proc` does not tell devices.
@Suite("connect() on a device, on the real kernel", .networkNamespaces, .serialized)
struct DeviceTests {
  /// What is left on no device and on `lo`: as inet_diag predicts it, and as the kernel gives it.
  private struct Left: Hashable {
    var none: [Int?] = []
    var loopback: [Int?] = []
  }

  /// The sources that tell devices, on this kernel.
  static let sources: [Scraper.SourceChoice] = KernelUnderTest.countsInKernel ? [.netlink, .bpf] : [.netlink]

  private func left(
    _ source: Scraper.SourceChoice, _ arrange: @escaping @Sendable () throws -> [TestSocket]
  ) async throws -> (left: Left, worst: String?) {
    try await NetworkNamespace.run { _ in
      let listener = try TestSocket.listener(a)
      let sockets = try arrange()
      defer { withExtendedLifetime((listener, sockets)) {} }
      let connect = Scenario.snapshot(source).namespaces[0].tcp?.pressure?.connect
      func predicted(_ zone: String?) -> Int? {
        connect?.tuples.first { $0.tuple == Self.tuple(zone) }?.headroom
      }
      func observed(isOnDevice: Bool) -> Int? {
        let refusal = Refusal.after { () throws(SystemCallFailure) in try Self.client(isOnDevice: isOnDevice) }
        return refusal.description.split(separator: ",").first.flatMap { Int($0) }
      }
      // What is closed stays in FIN_WAIT2, which on the device is in nobody else's way.
      let loopback = [predicted("lo"), observed(isOnDevice: true)]
      return (Left(none: [predicted(nil), observed(isOnDevice: false)], loopback: loopback), connect?.worst[.ipv4]?.tuple.arrow)
    }
  }

  private static func tuple(_ zone: String?, to destination: SocketAddress = a) -> Tuple {
    let address: IPAddress = destination.isIPv6 ? .loopbackIPv6 : .loopbackIPv4
    return Tuple(source: address, destination: address, destinationPort: destination.port, zone: zone)
  }

  private static func client(isOnDevice: Bool, to destination: SocketAddress = a) throws(SystemCallFailure) -> TestSocket {
    let socket = try TestSocket(.tcp, isIPv6: destination.isIPv6)
    if isOnDevice { try socket.set(SOL_SOCKET, SO_BINDTOIFINDEX, 1) }
    try socket.connect(destination, waiting: false)
    return socket
  }

  private static var SOL_SOCKET: Int32 { 1 }
  private static var SO_BINDTOIFINDEX: Int32 { 62 }

  @Test("clients on a device leave all other connects the whole pool", arguments: sources)
  func onDevice(source: Scraper.SourceChoice) async throws {
    let seen = try await left(source) { try (0..<30).map { _ in try Self.client(isOnDevice: true) } }
    #expect(seen.left == Left(none: [nil, 100], loopback: [70, 70]))
    #expect(seen.worst == "127.0.0.1%lo → 127.0.0.1:8080")
  }

  @Test("clients on no device are in the way of those on one", arguments: sources)
  func both(source: Scraper.SourceChoice) async throws {
    let seen = try await left(source) {
      try TestSocket.clients(20, to: a) + (try (0..<30).map { _ in try Self.client(isOnDevice: true) })
    }
    #expect(seen.left == Left(none: [80, 80], loopback: [50, 50]))
    #expect(seen.worst == "127.0.0.1%lo → 127.0.0.1:8080")
  }

  @Test("a port that a client on a device and one on none hold counts once", arguments: sources)
  func shared(source: Scraper.SourceChoice) async throws {
    let seen = try await left(source) {
      try (0..<60).map { _ in try Self.client(isOnDevice: true) } + (try TestSocket.clients(60, to: a))
    }
    // Both take all ports of the first parity, and 10 of the second by chance.
    #expect(seen.left.none == [40, 40])
    #expect(seen.left.loopback.count == 2 && seen.left.loopback.first == seen.left.loopback.last && 30...40 ~= seen.left.loopback[0] ?? 0)
  }

  /// What becomes of the clients on `lo` and of those on no device, which share ports; and where the next connect() is.
  struct Mixture: Sendable, CustomTestStringConvertible {
    let (onDevice, onNone): (Fate, Fate)
    let asksOnDevice: Bool
    var destination = a

    enum Fate: String, CaseIterable {
      case open
      case timeWait = "in TIME_WAIT"
    }

    var testDescription: String {
      "on lo \(onDevice.rawValue), on none \(onNone.rawValue), asked on \(asksOnDevice ? "lo" : "none") for \(destination)"
    }

    static let all =
      Fate.allCases.flatMap { onDevice in
        Fate.allCases.flatMap { onNone in [true, false].map { Mixture(onDevice: onDevice, onNone: onNone, asksOnDevice: $0) } }
      }
      + Fate.allCases.map { Mixture(onDevice: .open, onNone: $0, asksOnDevice: true, destination: SocketAddress("::1", 8080)) }
  }

  /// Of two sockets on one port the kernel asks the first that it finds whether it is a TIME_WAIT to be taken over, and the other nothing.
  @Test("a port that both hold counts once, as the kernel sees it where it takes a TIME_WAIT", .countedInKernel, arguments: Mixture.all)
  func mixture(_ mixture: Mixture) async throws {
    let (predicted, observed, isExact) = try await NetworkNamespace.run { namespace in
      try namespace.set("ipv4/tcp_tw_reuse", "2")
      let listener = try TestSocket.listener(mixture.destination)
      let onDevice = try (0..<30).map { _ in try Self.client(isOnDevice: true, to: mixture.destination) }
      let onNone = try TestSocket.clients(60, to: mixture.destination)
      TestSocket.pause(0.1)
      let servers = listener.acceptAll()
      if mixture.onDevice == .timeWait { onDevice.forEach { $0.close() } }
      if mixture.onNone == .timeWait { onNone.forEach { $0.close() } }
      TestSocket.pause(0.1)
      servers.forEach { $0.close() }
      TestSocket.pause(1.5)
      defer { withExtendedLifetime((listener, onDevice, onNone)) {} }
      let tcp = Scenario.snapshot(.bpf).namespaces[0].tcp?.pressure
      let tuple = Self.tuple(mixture.asksOnDevice ? "lo" : nil, to: mixture.destination)
      let predicted = tcp?.connect.tuples.first { $0.tuple == tuple }?.headroom
      let refusal = Refusal.after { () throws(SystemCallFailure) in
        try Self.client(isOnDevice: mixture.asksOnDevice, to: mixture.destination)
      }
      return (predicted, refusal.count, tcp?.exactness == .exact)
    }
    #expect(predicted == observed && isExact)
  }
}
