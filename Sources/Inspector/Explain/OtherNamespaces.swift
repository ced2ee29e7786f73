internal import Kernel
internal import PortModel
internal import Scraper

/// Looks for a port in the network namespaces that nobody asked about: those of processes, and those that only a name below `/run/netns` keeps.
struct OtherNamespaces {
  let host: HostFiles
  let finder: NamespaceFinder
  let own: NamespaceName

  /// How many are looked into, and for how long: each look walks the whole host's tables.
  private static let limit = 64
  private static let time = Duration.seconds(10)

  struct Result {
    var uses: [NamespaceUse] = []
    /// What could not be looked at, a sentence each.
    var notes: [String] = []
  }

  /// - Returns: the namespaces that have sockets with the port.
  func uses(of port: Port, _ transports: [TransportProtocol]) -> Result {
    let all = finder.others(than: own)
    var result = Result()
    if all.count > Self.limit {
      result.notes.append(
        "Of \(grouped(all.count)) other network namespaces \(Self.limit) were looked into; --netns looks into any one.")
    }
    let deadline = Deadline(.now + Self.time)
    var (isLate, refused) = (false, 0)
    for place in all.prefix(Self.limit) {
      do throws(ReadError) {
        let (listeners, others) = try count(port, transports, in: place, until: deadline)
        guard listeners + others > 0 else { continue }
        result.uses.append(
          NamespaceUse(
            namespace: place.namespace, process: place.pid.map { ProcessDescription($0, host, users: host.users) }, listeners: listeners,
            others: others))
      } catch {
        // A namespace that ends meanwhile has nothing any more.
        switch error {
        case .deadline: isLate = true
        case .systemCall(let call) where call.isPermissionDenied && place.pid == nil: refused += 1
        default: break
        }
      }
    }
    if refused > 0 {
      result.notes.append(
        "\(counted(refused, "named network namespace")) could not be looked into: entering one needs root (CAP_SYS_ADMIN).")
    }
    if isLate {
      result.notes.append(
        "Other network namespaces could not all be looked into within \(Self.time.components.seconds) s; --netns looks into any one.")
    }
    return result
  }

  /// How many listeners and how many other sockets have the port there. Tables show through a process without any right; without one, only from inside.
  private func count(
    _ port: Port, _ transports: [TransportProtocol], in place: NamespaceFinder.Found, until deadline: Deadline
  ) throws(ReadError) -> (listeners: Int, others: Int) {
    func count(_ view: ProcFileSystem.View) throws(ReadError) -> (listeners: Int, others: Int) {
      let lister = SocketLister(ProcFileSystem(root: host.procfs, view: view))
      var (listeners, others) = (0, 0)
      for transport in transports {
        try lister.list(transport, until: deadline) { record in
          guard record.localPort == port else { return }
          if record.state == .listen { listeners += 1 } else { others += 1 }
        }
      }
      return (listeners, others)
    }
    if let pid = place.pid { return try count(.other(pid: pid)) }
    return try place.inside { () throws(ReadError) in try count(.thread) }
  }
}
