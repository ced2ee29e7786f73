internal import PortModel

extension PortReport {
  /// What helps, a sentence each. The connections of clients are theirs: none of it ends one.
  package var advice: [String] {
    guard port != 0 else { return [] }
    var advice: [String] = []
    let tcp = sockets(.tcp)
    let servers = sockets.filter { [.listening, .receiving].contains($0.direction) && $0.isChosenByProgram != false }
    if handout == .handedOut, let settings, servers.contains(where: { $0.direction == .listening || $0.isChosenByProgram == true }) {
      // One look does not tell a UDP server from a resolver, which binds another port for each query.
      let isCertain = servers.contains { $0.direction == .listening }
      advice.append(
        "The port is in the kernel's pool and not reserved: while its server restarts, any outgoing connection can take it. "
          + (isCertain
            ? "Reserve it: " : "Unless its program picks UDP ports for each query or call, as resolvers and relays do, reserve it: ")
          + SysctlLine.reserving([port], in: settings).command(in: namespace))
    }
    if handout == .handedOut, let settings, let range = ranges.first {
      advice.append(
        "The kernel hands out ports of \(range.name), and a service without a socket does not hold its port. Reserve the range: "
          + SysctlLine.reserving(settings.reserving(settings.unreserved(in: range.ports))).command(in: namespace))
    }
    let clients = sockets.filter { $0.direction == .outgoing && $0.record.state != .timeWait }
    if !clients.isEmpty, servers.isEmpty {
      advice.append("The port comes back by itself when the connection of its client ends.")
      if handout == .handedOut, let settings {
        advice.append(
          "A server that needs this number should reserve it, so that the kernel gives clients others from then on: "
            + SysctlLine.reserving([port], in: settings).command(in: namespace))
      }
    }
    if tcp.contains(where: { $0.record.state == .timeWait }), !tcp.contains(where: { $0.direction == .listening }) {
      advice.append("A server can bind a port in TIME_WAIT at once with SO_REUSEADDR; nothing has to be ended first.")
    }
    let closeWait = tcp.filter { $0.record.state == .closeWait }
    if !closeWait.isEmpty {
      advice.append(
        "CLOSE_WAIT: the other side has closed \(counted(closeWait.count, "connection")) and the program here has not; if that lasts, it leaks descriptors."
      )
    }
    if tcp.contains(where: { $0.owner == .nobody(.notAccepted) }) {
      advice.append("Connections wait in the accept queue: the listener's program is slow to accept() them.")
    }
    if tcp.contains(where: { $0.direction == .bound }) {
      advice.append("A bound socket takes its port from every outgoing connection, although it is not used.")
    }
    return advice
  }
}
