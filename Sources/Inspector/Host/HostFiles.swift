internal import Kernel
internal import KernelFormats
package import PortModel

/// Where the host's own files are: its process file system, and the databases that give numbers their names.
package struct HostFiles: Sendable, Hashable {
  /// The mount point, such as `/proc` (`--path.procfs`).
  package let procfs: String
  /// What `/etc` and `/run` are below: nothing for this system's own, `/host/proc/1/root` where the host's `/proc` is mounted at `/host/proc`.
  package let root: String

  package init(procfs: String = "/proc") {
    self.procfs = procfs.count > 1 && procfs.hasSuffix("/") ? String(procfs.dropLast()) : procfs
    root = self.procfs == "/proc" ? "" : "\(self.procfs)/1/root"
  }

  /// The names of `/etc/passwd` by user number; none where it cannot be read.
  package var users: [UInt32: String] {
    (try? FileReader.bytes(of: "\(root)/etc/passwd", limit: 16 << 20)).map { PasswordFileFormat.names($0.span) } ?? [:]
  }

  /// The services database, or `nil` where none is installed.
  package var services: [UInt8]? { try? FileReader.bytes(of: "\(root)/etc/services", limit: 16 << 20) }

  /// Where `ip netns add` puts a name for each namespace.
  package var namedNamespaces: String { "\(root)/run/netns" }

  /// What the reader of this process file system may do; `nil` where that is unknown.
  package var rights: Rights? {
    guard let bytes = try? FileReader.bytes(of: "\(procfs)/self/status"), let status = try? ProcessStatusFormat(bytes.span) else {
      return nil
    }
    return Rights(user: status.effectiveUser, capabilities: status.effectiveCapabilities)
  }

  /// The numbers of all processes, lowest first; none where the directory cannot be read.
  package var processes: [Int32] {
    ((try? Directory.names(in: procfs)) ?? []).compactMap { Int32($0) }.filter { $0 > 0 }.sorted()
  }

  /// Whether a process is still there, seen without any right.
  func hasProcess(_ pid: Int32) -> Bool { (try? FileIdentity(of: "\(procfs)/\(pid)/stat")) != nil }

  /// The network namespace of a process; `nil` when it has ended or may not be looked at.
  package func namespace(of pid: Int32) -> NetworkNamespaceID? { namespace(at: "\(procfs)/\(pid)/ns/net") }

  /// The namespace that a link such as `/proc/812/ns/net` names.
  package func namespace(at path: String) -> NetworkNamespaceID? {
    (try? SymbolicLink.target(of: path)).flatMap { LinkFormats.networkNamespace($0.span) }
  }
}
