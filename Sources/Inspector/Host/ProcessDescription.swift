internal import Kernel
package import KernelFormats
package import PortModel

/// A process as people name it.
package struct ProcessDescription: Sendable, Hashable {
  package let pid: Int32
  /// `nginx`; at most 15 bytes, and whatever the program put there.
  package let command: String
  /// `["nginx", "-g", "daemon off;"]`; empty when it may not be read.
  package let arguments: [String]
  /// The effective user number.
  package let uid: UInt32?
  /// `www-data`; `nil` for a number without a name.
  package let user: String?
  /// The systemd unit, container or pod it runs in.
  package let owner: ControlGroupOwner?
  /// The namespace it is in, which need not be that of its sockets. `nil` when it may not be looked at.
  package let namespace: NetworkNamespaceID?

  package init(
    pid: Int32, command: String, arguments: [String] = [], uid: UInt32? = nil, user: String? = nil, owner: ControlGroupOwner? = nil,
    namespace: NetworkNamespaceID? = nil
  ) {
    self.pid = pid
    self.command = command
    self.arguments = arguments
    self.uid = uid
    self.user = user
    self.owner = owner
    self.namespace = namespace
  }

  /// Reads `comm`, `cmdline`, `status` and `cgroup` of a process. What it no longer has, because it has just ended, is left out.
  init(_ pid: Int32, _ host: HostFiles, users: [UInt32: String]) {
    func bytes(_ name: String) -> [UInt8]? { try? FileReader.bytes(of: "\(host.procfs)/\(pid)/\(name)") }
    let status = bytes("status").flatMap { try? ProcessStatusFormat($0.span) }
    let group = bytes("cgroup").flatMap { try? ControlGroupFormat($0.span) }
    self.init(
      pid: pid,
      command: bytes("comm").map { ProcessNameFormats.command($0.span) } ?? "",
      arguments: bytes("cmdline").map { ProcessNameFormats.arguments($0.span) } ?? [],
      uid: status?.effectiveUser, user: status.flatMap { users[$0.effectiveUser] },
      owner: group.map { ControlGroupOwner(path: $0.path) }, namespace: host.namespace(of: pid))
  }
}

extension ProcessDescription {
  /// `nginx (pid 812)`, safe to print and to write into a sentence.
  package var name: String { "\(printable(command.isEmpty ? "a process" : command)) (pid \(pid))" }

  /// `nginx (pid 812, nginx.service)`, safe like ``name``; the same as it where the process is in no unit, container or pod.
  package var nameWithOwner: String {
    guard let owner = owner?.text, !owner.isEmpty else { return name }
    return "\(name.dropLast()), \(printable(owner)))"
  }

  /// `www-data`, or `uid 33` where the number has no name.
  var userText: String { user ?? uid.map { "uid \($0)" } ?? "unknown user" }
}

extension ControlGroupOwner {
  /// `nginx.service`, `container 4f1a2b3c4d5e (docker)`, `container 9ec7… in pod 2c48913c-…`; empty for one that names nobody.
  var text: String {
    guard let container else { return unit ?? pod.map { "pod \($0)" } ?? "" }
    let number = container.utf8.count == 64 ? String(container.prefix(12)) : container
    return "container \(number)" + (runtime.map { " (\($0))" } ?? "") + (pod.map { " in pod \($0)" } ?? "")
  }
}
