import PortModel
import Scraper
import TestSupport
import Testing

/// In a VRF connect() and bind() are given ports of its own: neither the sockets outside nor those of another VRF are in their way, unless
/// `tcp_l3mdev_accept` says that they share. Only counting in the kernel knows.
@Suite("VRFs, on the real kernel", .networkNamespaces, .countedInKernel, .vrfs, .serialized)
struct VRFTests {
  /// Devices by number, which is 0 for none: two VRFs, and a device in the first of them.
  enum Place: Int32, CaseIterable {
    case none = 0
    case red = 5
    case blue = 6
    case inRed = 7

    var zone: String? { self == .none ? nil : "\(self)" }

    /// A client to a host that does not answer, so that it stays in SYN_SENT.
    func client(binding: SocketAddress? = nil) throws(SystemCallFailure) -> TestSocket {
      let socket = try socket()
      if let binding { try socket.bind(binding) }
      try socket.connect(SocketAddress("10.9.0.9", 8080), waiting: false)
      return socket
    }

    func listener(_ port: UInt16) throws(SystemCallFailure) -> TestSocket {
      let socket = try socket()
      try socket.bind(SocketAddress("0.0.0.0", port))
      try socket.listen()
      return socket
    }

    private func socket() throws(SystemCallFailure) -> TestSocket {
      let socket = try TestSocket(.tcp)
      if self != .none { try socket.set(1, 62, rawValue) }  // SOL_SOCKET, SO_BINDTOIFINDEX
      return socket
    }
  }

  /// The same addresses outside and in each VRF.
  static let devices = [
    "link add red index 5 type vrf table 10", "link set red up", "link add blue index 6 type vrf table 11", "link set blue up",
    "link add inRed index 7 type dummy", "link set inRed master red", "address add 10.9.0.1/24 dev inRed", "link set inRed up",
    "link add inBlue type dummy", "link set inBlue master blue", "address add 10.9.0.1/24 dev inBlue", "link set inBlue up",
    "link add outside type dummy", "address add 10.9.0.1/24 dev outside", "link set outside up",
  ]

  @Test("what is predicted is what the kernel gives, outside and in VRFs", arguments: [false, true])
  func predicted(isShared: Bool) async throws {
    let seen = try await NetworkNamespace.run { namespace in
      try namespace.set("ipv4/tcp_l3mdev_accept", isShared ? "1" : "0")
      try namespace.ip(batch: Self.devices)
      var held = [try Place.red.listener(40050), try Place.none.listener(40051), try Place.none.listener(40053)]
      held += try (0..<3).map { _ in try Place.red.client(binding: SocketAddress("10.9.0.1", 0)) }
      // Each of these meets none of those before it, but for the clients on red, which meet nobody's on inRed.
      held += try (0..<40).map { _ in try Place.inRed.client() }
      held += try (0..<40).map { _ in try Place.red.client() }
      held += try (0..<30).map { _ in try Place.none.client() }
      held += try (0..<10).map { _ in try Place.blue.client() }
      defer { withExtendedLifetime(held) {} }
      let snapshot = Scenario.snapshot(.bpf)
      let pressure = try #require(snapshot.namespaces[0].tcp?.pressure)
      let left = try Place.allCases.map { place in
        let tuple = pressure.connect.tuples.first { $0.tuple.zone == place.zone }
        let observed = Refusal.after { () throws(SystemCallFailure) in try place.client() }
        return [try #require(tuple).headroom, observed.count]
      }
      let bind = [pressure.bind.wildcard, Question.bind("0.0.0.0").observed().count]
      return (left, bind, pressure.exactness, snapshot.remarks + snapshot.problems)
    }
    for left in seen.0 { #expect(left[0] == left[1]) }
    #expect(seen.1[0] == seen.1[1])
    #expect(seen.2 == .exact && seen.3.isEmpty)
    // Outside two listeners are in the way, in red one and what bound first, in blue nothing.
    if !isShared { #expect(seen.0[0][0] == 68 && seen.0[1][0] == 56 && seen.0[2][0] == 90) }
  }
}

extension Trait where Self == ConditionTrait {
  /// Skips a test where no VRF can be made.
  static var vrfs: Self {
    .enabled("this kernel has no VRFs") {
      (try? await NetworkNamespace.run { try $0.ip("link", "add", "red", "type", "vrf", "table", "10") }) != nil
    }
  }
}
