internal import Kernel
internal import KernelFormats
internal import PortModel

/// A namespace that was found, with the ways to it.
struct FoundNamespace: Sendable, Hashable {
  let id: NetworkNamespaceID
  /// Its first name below `/run/netns`.
  var name: String?
  /// The process with the lowest number in it: most often the first one that was there.
  var pid: Int32?

  init(id: NetworkNamespaceID) {
    self.id = id
  }

  mutating func note(_ pid: Int32) { self.pid = min(pid, self.pid ?? pid) }

  mutating func note(_ name: String) { self.name = min(name, self.name ?? name) }

  /// The value of the label `netns`. A name that could be taken for the exporter's own namespace, or for a number, is not used.
  var label: String {
    guard let name, name != "host", Int(name) == nil else { return "\(id.rawValue)" }
    return name
  }
}

/// Looks for network namespaces: those of processes, and those that have a name.
struct NamespaceSearch: Sendable {
  let proc: ProcFileSystem
  /// `/run/netns`.
  let directory: String

  struct Result: Sendable, Hashable {
    /// Each once, without the exporter's own, in the order of their inodes.
    var namespaces: [FoundNamespace] = []
    /// All processes of each.
    var processes: [NetworkNamespaceID: [Int32]] = [:]
    /// Processes whose namespace this one may not see.
    var hiddenProcesses = 0
  }

  /// - Throws: if the exporter's own namespace cannot be told from others.
  func run() throws(ReadError) -> Result {
    guard let own = try ReadError.wrapping(try Self.namespace(of: "\(proc.root)/self/ns/net")) else {
      throw .systemCall(.noSuchFile("\(proc.root)/self/ns/net"))
    }
    var found: [NetworkNamespaceID: FoundNamespace] = [:]
    var result = Result()
    let pids = try processes()
    // There is always a first process: `hidepid` hides it, and much else.
    if !pids.contains(1) { result.hiddenProcesses += 1 }
    for pid in pids {
      do {
        // Kernel threads and the exporter's own kind are most of what there is.
        guard let id = try Self.namespace(of: link(pid)), id != own else { continue }
        found[id, default: FoundNamespace(id: id)].note(pid)
        result.processes[id, default: []].append(pid)
      } catch {
        if error.isPermissionDenied, mayHide(pid) { result.hiddenProcesses += 1 }
      }
    }
    for name in names {
      guard let id = try? NamespaceFile.id(of: path(name)), id != own else { continue }
      found[id, default: FoundNamespace(id: id)].note(name)
    }
    result.namespaces = found.values.sorted { $0.id.rawValue < $1.id.rawValue }
    return result
  }

  /// Whether a process whose namespace is not said may be in one that is not seen: it has not ended, and is not in the exporter's own.
  private func mayHide(_ pid: Int32) -> Bool {
    do { return try proc.namespaceFile(of: "\(pid)") != proc.namespaceFile(of: "self") } catch { return !error.isNoSuchFile }
  }

  /// Whether `pid` is still in the namespace.
  func isIn(_ id: NetworkNamespaceID, _ pid: Int32) -> Bool { (try? Self.namespace(of: link(pid))) == id }

  func link(_ pid: Int32) -> String { "\(proc.root)/\(pid)/ns/net" }
  func path(_ name: String) -> String { "\(directory)/\(name)" }

  private func processes() throws(ReadError) -> [Int32] {
    try ReadError.wrapping(try Directory.names(in: proc.root)).compactMap { Int32($0) }
  }

  /// Empty if there is no such directory or it may not be read. A name whose mount is gone is among them.
  private var names: [String] { (try? Directory.names(in: directory)) ?? [] }

  private static func namespace(of path: String) throws(SystemCallError) -> NetworkNamespaceID? {
    let target = try SymbolicLink.target(of: path)
    return LinkFormats.networkNamespace(target.span)
  }
}
