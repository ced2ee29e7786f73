internal import Kernel
internal import PortModel

/// Finds the namespace that `--netns` names, and the names of those that are found.
struct NamespaceFinder: Sendable {
  let host: HostFiles
  /// The names below `/run/netns` by what they name.
  private let names: [NetworkNamespaceID: String]

  init(_ host: HostFiles) {
    self.host = host
    var names: [NetworkNamespaceID: String] = [:]
    for name in ((try? Directory.names(in: host.namedNamespaces)) ?? []).sorted(by: >) {
      // A name whose mount is gone is an ordinary file.
      if let file = try? NamespaceFile("\(host.namedNamespaces)/\(name)") { names[file.id] = name }
    }
    self.names = names
  }

  /// The namespace of the calling thread, for a live file system, or of the copied tree.
  func own(_ view: ProcFileSystem.View) -> NamespaceName {
    let link = view == .thread ? "thread-self" : "self"
    return NamespaceName(name: "host", id: host.namespace(at: "\(host.procfs)/\(link)/ns/net"))
  }

  func name(of id: NetworkNamespaceID) -> NamespaceName { NamespaceName(name: names[id] ?? "\(id.rawValue)", id: id) }

  /// A namespace and how to get at it.
  struct Found: Sendable, Hashable {
    let namespace: NamespaceName
    /// What `setns` takes.
    let path: String
    /// A process in there, whose tables show without the right to enter.
    let pid: Int32?
  }

  /// - Parameter argument: a name below `/run/netns`, an inode number, or a process number: no process number is as large as an inode number.
  func find(_ argument: String) throws(InspectionError) -> Found {
    if let number = UInt64(argument) {
      if let pid = Int32(exactly: number), let id = host.namespace(of: pid) {
        return Found(namespace: name(of: id), path: "\(host.procfs)/\(pid)/ns/net", pid: pid)
      }
      let id = NetworkNamespaceID(rawValue: number)
      let pid = host.processes.first { host.namespace(of: $0) == id }
      if let name = names[id] { return Found(namespace: self.name(of: id), path: "\(host.namedNamespaces)/\(name)", pid: pid) }
      if let pid { return Found(namespace: name(of: id), path: "\(host.procfs)/\(pid)/ns/net", pid: pid) }
      let hint = host.rights?.seesAllProcesses == false ? " that you may look at; root may look at all" : ""
      throw InspectionError(
        "--netns \(number): no process has this number, and none\(hint) is in a network namespace with this inode number")
    }
    guard let (id, name) = names.first(where: { $0.value == argument }) else {
      let known = names.values.sorted()
      let names = known.isEmpty ? "there are no names there" : "there are \(listed(known.map(printable)))"
      throw InspectionError(
        "--netns \(printable(argument)): not a name below \(host.namedNamespaces), where \(names); give one of these, an inode number or a process number"
      )
    }
    return Found(
      namespace: NamespaceName(name: name, id: id), path: "\(host.namedNamespaces)/\(name)",
      pid: host.processes.first { host.namespace(of: $0) == id })
  }
}

/// Why nothing can be said: one sentence that names the flag or file and the remedy.
package struct InspectionError: Error, Sendable, Hashable, CustomStringConvertible {
  package let description: String

  package init(_ description: String) {
    self.description = description
  }
}
