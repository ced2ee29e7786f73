internal import Glibc

/// The connections of one test, client by client, in a closing state.
package struct ClosingConnections: Sendable {
  package let listener: TestSocket
  package let clients: [TestSocket]
  package let servers: [TestSocket]
}

extension TestSocket {
  /// `count` TIME_WAIT sockets on the client's side of `destination`: the client closes first.
  ///
  /// - Parameters:
  ///   - age: seconds to wait afterwards; more than 1 makes them reusable where `tcp_tw_reuse` says so.
  /// - Returns: the listener, which goes on listening.
  package static func clientTimeWait(
    _ count: Int, to destination: SocketAddress, source: SourceChoice = .atConnect, age: Double = 0.1
  ) throws(SystemCallFailure) -> TestSocket {
    let made = try established(count, to: destination, source: source)
    made.clients.forEach { $0.close() }
    pause(0.05)
    made.servers.forEach { $0.close() }
    pause(age)
    return made.listener
  }

  /// `count` TIME_WAIT sockets on the server's side of `destination`: the server closes first. They hold only the listener's port.
  package static func serverTimeWait(_ count: Int, to destination: SocketAddress) throws(SystemCallFailure) -> TestSocket {
    let made = try established(count, to: destination)
    made.servers.forEach { $0.close() }
    pause(0.05)
    made.clients.forEach { $0.close() }
    pause(0.1)
    return made.listener
  }

  /// `count` connections with both ends held.
  package static func established(
    _ count: Int, to destination: SocketAddress, source: SourceChoice = .atConnect
  ) throws(SystemCallFailure) -> ClosingConnections {
    let listener = try listener(destination)
    let clients = try clients(count, to: destination, source: source)
    var servers: [TestSocket] = []
    for _ in 0..<200 where servers.count < count {
      servers += listener.acceptAll()
      if servers.count < count { pause(0.005) }
    }
    guard servers.count == count else { throw SystemCallFailure("accept \(servers.count) of \(count)", EAGAIN) }
    return ClosingConnections(listener: listener, clients: clients, servers: servers)
  }

  /// `count` clients in FIN_WAIT2 and their servers in CLOSE_WAIT.
  package static func halfClosed(_ count: Int, to destination: SocketAddress) throws(SystemCallFailure) -> ClosingConnections {
    let made = try established(count, to: destination)
    made.clients.forEach { $0.finishSending() }
    pause(0.05)
    return made
  }

  /// `count` clients in SYN_SENT: nobody answers them, since the listener's queue is full.
  package static func synSent(_ count: Int, to destination: SocketAddress) throws(SystemCallFailure) -> ClosingConnections {
    let listener = try listener(destination, backlog: 0)
    // A backlog of 0 takes one connection; it comes from an address of its own, so as to hold no port of the clients' tuple.
    var fillers: [TestSocket] = []
    for _ in 0..<4 {
      fillers.append(try client(to: destination, source: .addressOnly("127.99.0.1"), waiting: false))
      pause(0.01)
    }
    var clients: [TestSocket] = []
    for _ in 0..<count { clients.append(try client(to: destination, waiting: false)) }
    pause(0.05)
    return ClosingConnections(listener: listener, clients: clients, servers: fillers)
  }

  /// Lets the kernel do its part, on a thread that is the test's own.
  package static func pause(_ seconds: Double) { usleep(useconds_t(seconds * 1_000_000)) }
}
