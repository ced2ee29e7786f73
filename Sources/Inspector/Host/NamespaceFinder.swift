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
    let id = host.namespace(at: "\(host.procfs)/\(view == .thread ? "thread-self" : "self")/ns/net")
    guard let id, let name = names[id] else {
      let isHost = ProcFileSystem(root: host.procfs, view: view).isOfFirstProcess != false
      return NamespaceName(name: isHost ? "host" : id.map { "\($0.rawValue)" } ?? "unknown", id: id, isHost: isHost)
    }
    return NamespaceName(name: name, id: id, path: path(name))
  }

  private func path(_ name: String) -> String { "\(host.namedNamespaces)/\(name)" }

  /// A namespace and how to get at it.
  struct Found: Sendable, Hashable {
    /// What `setns` takes.
    let path: String
    let namespace: NamespaceName
    /// A process in there, whose tables show without the right to enter.
    let pid: Int32?

    init(_ name: String, _ id: NetworkNamespaceID, path: String, pid: Int32?) {
      namespace = NamespaceName(name: name, id: id, path: path)
      self.path = path
      self.pid = pid
    }

    /// Runs `body` on a thread that is in the namespace, whose files are those of ``ProcFileSystem/View/thread``.
    ///
    /// - Throws: what `body` throws, or why the namespace cannot be entered: `EPERM` without CAP_SYS_ADMIN.
    func inside<Value>(_ body: () throws(ReadError) -> Value) throws(ReadError) -> Value {
      let result: Result<Value, ReadError>
      do {
        result = try NamespaceThread.run { thread in
          Result { () throws(ReadError) in
            do throws(SystemCallError) { try thread.enterNetwork(NamespaceFile(path)) } catch { throw .systemCall(error) }
            return try body()
          }
        }
      } catch {
        throw .systemCall(error)
      }
      return try result.get()
    }
  }

  /// Every namespace except `own`, once: first those of processes, by their lowest process number, then those that only a name keeps.
  func others(than own: NamespaceName) -> [Found] {
    var members: [NetworkNamespaceID: Int32] = [:]
    for pid in host.processes {
      if let id = host.namespace(of: pid), id != own.id, members[id] == nil { members[id] = pid }
    }
    let held = members.sorted { $0.value < $1.value }.map { found($0.key, pid: $0.value) }
    let named = names.filter { $0.key != own.id && members[$0.key] == nil }.sorted { $0.value < $1.value }
    return held + named.map { found($0.key, name: $0.value, pid: nil) }
  }

  private func found(_ id: NetworkNamespaceID, pid: Int32) -> Found {
    if let name = names[id] { return found(id, name: name, pid: pid) }
    return Found("\(id.rawValue)", id, path: "\(host.procfs)/\(pid)/ns/net", pid: pid)
  }

  /// A name outlives the processes.
  private func found(_ id: NetworkNamespaceID, name: String, pid: Int32?) -> Found {
    Found(name, id, path: path(name), pid: pid)
  }

  /// - Parameter argument: a name below `/run/netns`, an inode number, or a process number: no process number is as large as an inode number.
  func find(_ argument: String) throws(InspectionError) -> Found {
    if let number = UInt64(argument) {
      if let pid = Int32(exactly: number), let id = host.namespace(of: pid) { return found(id, pid: pid) }
      let id = NetworkNamespaceID(rawValue: number)
      let pid = host.processes.first { host.namespace(of: $0) == id }
      if let pid { return found(id, pid: pid) }
      if let name = names[id] { return found(id, name: name, pid: nil) }
      let hint = host.rights?.seesAllProcesses == false ? " that you may look at; root may look at all" : ""
      throw InspectionError(
        "--netns \(number): no process has this number, and none\(hint) is in a network namespace with this inode number")
    }
    guard let (id, name) = names.first(where: { $0.value == argument }) else {
      let known = names.values.sorted()
      let names = known.isEmpty ? "there are no names there" : "there are \(listed(known))"
      throw InspectionError(
        "--netns \(argument): not a name below \(host.namedNamespaces), where \(names); give one of these, an inode number or a process number"
      )
    }
    return found(id, name: name, pid: host.processes.first { host.namespace(of: $0) == id })
  }
}

/// Why nothing can be said: one sentence that names the flag or file and the remedy.
package struct InspectionError: Error, Sendable, Hashable, CustomStringConvertible {
  package let description: String

  package init(_ description: String) {
    self.description = description
  }
}

extension NamespaceFinder {
  /// Reads from one namespace.
  ///
  /// - Parameters:
  ///   - argument: what ``find(_:)`` takes; `nil` for the namespace of `view`.
  ///   - notes: gets a sentence if the namespace may not be entered, so that it is read from outside.
  ///   - body: is given the files, and whether the settings that they show are those of the namespace.
  func read<Value>(
    _ argument: String?, _ view: ProcFileSystem.View, _ notes: inout [String],
    _ body: (_ proc: ProcFileSystem, _ showsSettings: Bool) throws(ReadError) -> Value
  ) throws(InspectionError) -> (NamespaceName, Value) {
    let own = own(view)
    let found = try argument.map { argument throws(InspectionError) in try find(argument) }
    guard let found, found.namespace.id != own.id else {
      let proc = ProcFileSystem(root: host.procfs, view: view)
      return (own, try Self.unwrap(Result { () throws(ReadError) in try body(proc, true) }))
    }
    let inside = ProcFileSystem(root: host.procfs, view: .thread)
    let result = Result { () throws(ReadError) in try found.inside { () throws(ReadError) in try body(inside, true) } }
    if case .failure(.systemCall(let error)) = result, error.isPermissionDenied {
      guard let pid = found.pid else {
        throw InspectionError("--netns: \(error); entering a network namespace needs root (CAP_SYS_ADMIN)")
      }
      notes.append("The settings of this namespace show only inside: entering it needs root (CAP_SYS_ADMIN).")
      let outside = ProcFileSystem(root: host.procfs, view: .other(pid: pid))
      return (found.namespace, try Self.unwrap(Result { () throws(ReadError) in try body(outside, false) }))
    }
    return (found.namespace, try Self.unwrap(result))
  }

  private static func unwrap<Value>(_ result: Result<Value, ReadError>) throws(InspectionError) -> Value {
    do { return try result.get() } catch { throw InspectionError("\(error)") }
  }
}
