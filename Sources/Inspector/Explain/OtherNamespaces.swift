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
        let count = try count(port, transports, in: place, until: deadline)
        guard count.listeners + count.others > 0 else { continue }
        result.uses.append(
          NamespaceUse(
            namespace: place.namespace, process: place.pid.map { ProcessDescription($0, host, users: host.users) },
            listeners: count.listeners, others: count.others))
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

  /// The sockets that have the port there. From inside the kernel is asked for these alone; through a process, which takes no right, tables are read whole.
  private func count(
    _ port: Port, _ transports: [TransportProtocol], in place: NamespaceFinder.Found, until deadline: Deadline
  ) throws(ReadError) -> Count {
    do throws(ReadError) {
      return try place.inside { () throws(ReadError) in try count(port, transports, .thread, until: deadline) }
    } catch {
      guard case .systemCall = error, let pid = place.pid else { throw error }
      return try count(port, transports, .other(pid: pid), until: deadline)
    }
  }

  private func count(
    _ port: Port, _ transports: [TransportProtocol], _ view: ProcFileSystem.View, until deadline: Deadline
  ) throws(ReadError) -> Count {
    let lister = SocketLister(ProcFileSystem(root: host.procfs, view: view))
    var sum = Count()
    for transport in transports {
      var count = Count()
      if try !lister.list(transport, port: port, until: deadline, { count.add($0) }) {
        count = Count()
        try lister.list(transport, until: deadline) { if $0.localPort == port { count.add($0) } }
      }
      sum.listeners += count.listeners
      sum.others += count.others
    }
    return sum
  }

  private struct Count {
    var listeners = 0
    var others = 0

    mutating func add(_ record: SocketRecord) {
      if record.state == .listen { listeners += 1 } else { others += 1 }
    }
  }
}
