internal import Kernel
internal import PortModel
internal import Scraper

/// Looks for a port in the network namespaces that nobody asked about: those of processes, and those that only a name below `/run/netns` keeps.
struct OtherNamespaces {
  let host: HostFiles
  let finder: NamespaceFinder
  let own: NamespaceName

  /// How many are looked into, of those with sockets, and for how long: each look walks the whole host's tables.
  private static let limit = 64
  private static let time = Duration.seconds(10)

  /// Calls `found` for each namespace that has sockets with the port, as soon as it is known.
  ///
  /// - Returns: what could not be looked at, a sentence each.
  func search<Failure>(
    _ port: Port, _ transports: [TransportProtocol], _ found: (NamespaceUse) throws(Failure) -> Void
  ) throws(Failure) -> [String] {
    let all = finder.others(than: own)
    let deadline = Deadline(.now + Self.time)
    var (looks, isLate, refused) = (0, false, 0)
    for place in all where looks < Self.limit && !isLate {
      var use: NamespaceUse?
      do throws(ReadError) {
        guard !deadline.hasPassed else { throw .deadline("other namespaces") }
        guard let count = try count(port, transports, in: place, until: deadline) else { continue }
        looks += 1
        if count.listeners + count.others > 0 {
          use = NamespaceUse(
            namespace: place.namespace, process: place.pid.map { ProcessDescription($0, host, users: host.users) },
            listeners: count.listeners, others: count.others)
        }
      } catch {
        // A namespace that ends meanwhile has nothing any more.
        switch error {
        case .deadline: isLate = true
        case .systemCall(let call) where call.isPermissionDenied && place.pid == nil: refused += 1
        default: break
        }
      }
      if let use { try found(use) }
    }
    var notes: [String] = []
    if looks == Self.limit {
      notes.append("Of \(grouped(all.count)) other network namespaces \(Self.limit) were looked into; --netns looks into any one.")
    }
    if refused > 0 {
      notes.append(
        "\(counted(refused, "named network namespace")) could not be looked into: entering one needs root (CAP_SYS_ADMIN).")
    }
    if isLate {
      notes.append(
        "Other network namespaces could not all be looked into within \(Self.time.components.seconds) s; --netns looks into any one.")
    }
    return notes
  }

  /// The sockets that have the port there; `nil` where no socket of these transports is at all. From inside the kernel is asked for these alone; through a process, which takes no right, tables are read whole.
  private func count(
    _ port: Port, _ transports: [TransportProtocol], in place: NamespaceFinder.Found, until deadline: Deadline
  ) throws(ReadError) -> Count? {
    do throws(ReadError) {
      // Through a process, even going in is spared.
      if let pid = place.pid, busy(transports, .other(pid: pid)).isEmpty { return nil }
      return try place.inside { () throws(ReadError) in try count(port, transports, .thread, until: deadline) }
    } catch {
      guard case .systemCall = error, let pid = place.pid else { throw error }
      return try count(port, transports, .other(pid: pid), until: deadline)
    }
  }

  private func count(
    _ port: Port, _ transports: [TransportProtocol], _ view: ProcFileSystem.View, until deadline: Deadline
  ) throws(ReadError) -> Count? {
    let transports = busy(transports, view)
    guard !transports.isEmpty else { return nil }
    let lister = SocketLister(ProcFileSystem(root: host.procfs, view: view))
    var sum = Count()
    for transport in transports {
      guard !deadline.hasPassed else { throw .deadline("other namespaces") }
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

  /// Those of `transports` that have sockets there, as far as the kernel's own count tells: it costs microseconds, and a look passes every socket of
  /// the host. TCP sockets that are bound and nothing more are not in it, and are found only next to others.
  private func busy(_ transports: [TransportProtocol], _ view: ProcFileSystem.View) -> [TransportProtocol] {
    guard let totals = try? SocketTotals(reading: ProcFileSystem(root: host.procfs, view: view)) else { return transports }
    return transports.filter { ($0 == .tcp ? totals.tcp : totals.udp) > 0 }
  }

  private struct Count {
    var listeners = 0
    var others = 0

    mutating func add(_ record: SocketRecord) {
      if record.state == .listen { listeners += 1 } else { others += 1 }
    }
  }
}
