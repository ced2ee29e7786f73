package import Kernel
internal import KernelFormats
package import PortModel

/// What must be known of a namespace before its sockets mean anything.
package struct NamespaceSettings: Sendable, Hashable {
  package let pool: PoolSettings
  /// The namespace's own addresses; loopback ones need no list.
  package let localAddresses: LocalAddresses

  package init(pool: PoolSettings, localAddresses: LocalAddresses = LocalAddresses()) {
    self.pool = pool
    self.localAddresses = localAddresses
  }

  /// Reads the settings of the calling thread's namespace and the addresses of `proc`'s.
  package init(reading proc: ProcFileSystem) throws(ReadError) {
    self.init(pool: try PoolSettings(reading: proc), localAddresses: try LocalAddresses(reading: proc))
  }
}

extension LocalAddresses {
  /// The addresses of the namespace that `proc` shows, which may be another process's; nothing else of it can be read from outside.
  ///
  /// The kernel is asked for its table `local` where it answers for that namespace. The files in `/proc` are for the rest, and for kernels
  /// before 4.20: `fib_trie` prints every route of every table, and the kernel's cost for that is quadratic.
  package init(reading proc: ProcFileSystem, until deadline: Deadline = .never) throws(ReadError) {
    if proc.answersForCaller, let answered = try Self.asked(until: deadline) {
      self = answered
      return
    }
    let trie = try FileReader.valueIfPresent(of: proc.net("fib_trie"), limit: 64 << 20) { bytes throws(FormatError) in
      try LocalAddressFormats.routesIPv4(bytes)
    }
    let interfaces = try FileReader.valueIfPresent(of: proc.net("if_inet6"), limit: 16 << 20) { bytes throws(FormatError) in
      try LocalAddressFormats.interfacesIPv6(bytes)
    }
    self.init((trie ?? []).union(interfaces ?? []))
  }

  /// What rtnetlink says of the calling thread's namespace; `nil` if it may not be asked, or cannot filter.
  private static func asked(until deadline: Deadline) throws(ReadError) -> LocalAddresses? {
    guard var socket = try? NetlinkSocket.routes() else { return nil }
    var buffer = [UInt8](repeating: 0, count: InetDiagDump.bufferSize)
    var sequence: UInt32 = 0
    var result = LocalAddresses()
    for family in AddressFamily.allCases {
      var found = LocalAddresses()
      // A table that changes is asked again; what is missing in the end is an address that came or went just now.
      for _ in 0..<3 {
        sequence += 1
        let request = LocalRoutesRequest(family)
        var decoder = LocalRoutesDecoder(request, sequence: sequence)
        found = LocalAddresses()
        do throws(ReadError) {
          try NetlinkExchange.run(request.encoded(sequence: sequence), "rtnetlink", on: &socket, buffer: &buffer, until: deadline) {
            datagram throws(FormatError) in try decoder.decode(datagram, into: &found)
          }
        } catch {
          // Without IPv6 the kernel refuses the question about it.
          if case .systemCall = error { return family == .ipv6 ? result : nil }
          throw error
        }
        if !decoder.isInterrupted { break }
      }
      result.formUnion(found)
    }
    return result
  }
}

extension ProcFileSystem {
  /// Whether the kernel's answers to the calling thread are about the namespace that this shows.
  fileprivate var answersForCaller: Bool {
    if case .other = view { return false }
    return isLive
  }
}
