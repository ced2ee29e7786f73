internal import PortModel

/// The UDP receivers of a namespace, told apart: those that seem to be servers', and those that a resolver picks for a query or a relay for a call.
///
/// Both are bound by number and receive from anyone. A server's are still there at the end of watching, and its program has few of them.
struct UDPServers: Sendable {
  private(set) var servers: [SocketRecord] = []
  private(set) var passing: [SocketRecord] = []

  /// - Parameters:
  ///   - later: those that were there at the end of watching; `nil` if nobody watched, and then none is known to be a server's.
  ///   - holder: the program, as findings name it.
  init(_ first: [SocketRecord], later: Set<SocketRecord>?, holder: (SocketRecord) -> String) {
    var ports: [String: Set<Port>] = [:]
    for record in first { ports[holder(record), default: []].insert(record.localPort) }
    for record in first {
      let isFew = ports[holder(record), default: []].count <= UDPPressure.mostServerPorts
      if isFew, later?.contains(record) == true { servers.append(record) } else { passing.append(record) }
    }
  }
}

extension Evidence {
  /// Who has UDP ports that are not counted as servers', and why that is not known better.
  var receiverFact: String? {
    // Of ports that come and go, some have gone before anyone can be asked whose they are: those are told of where no program is.
    let programs = passingReceivers.filter(\.isNamed)
    guard let most = programs.first ?? passingReceivers.first else { return nil }
    let more = programs.count > 1 ? ", and \(counted(programs.count - 1, "further program"))" : ""
    let ports = "\(most.holder) with \(counted(most.count, "UDP port"))" + more
    return watched.seconds > 0
      ? "not taken for servers, because they are many or come and go, as those of resolvers and relays do: \(ports)"
      : "not taken for servers, because one look does not tell a server's UDP port from one that a resolver picks for a query (--interval watches): \(ports)"
  }
}
