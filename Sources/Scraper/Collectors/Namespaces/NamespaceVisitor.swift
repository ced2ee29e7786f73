internal import Kernel
internal import KernelFormats
internal import PortModel

/// Goes into one namespace after the other where it may, and looks in from outside where it may not.
struct NamespaceVisitor: ~Copyable {
  private let thread: NamespaceThread
  private let proc: ProcFileSystem
  let search: NamespaceSearch
  private let ownHostName = HostName.current
  private let isLive: Bool
  private var inside: NetworkNamespaceID?
  /// The first refusal to let this thread in.
  private(set) var refusal: SystemCallError?

  init(_ thread: consuming NamespaceThread, _ search: NamespaceSearch) {
    self.thread = thread
    self.search = search
    proc = search.proc
    isLive = proc.isLive
  }

  /// Moves the thread into `namespace`. `false` if that is not allowed, or the namespace is gone.
  mutating func enter(_ namespace: FoundNamespace) -> Bool {
    if inside == namespace.id { return true }
    guard isLive else { return false }
    // A name outlives the processes.
    guard let path = namespace.name.map(search.path) ?? namespace.pid.map(search.link) else { return false }
    do {
      let file = try NamespaceFile(path)
      guard file.id == namespace.id else { return false }
      try thread.enterNetwork(file)
      inside = namespace.id
      return true
    } catch {
      if error.isPermissionDenied, refusal == nil { refusal = error }
      return false
    }
  }

  /// Whether the thread is in `namespace`.
  func isInside(_ namespace: FoundNamespace) -> Bool { inside == namespace.id }

  /// The namespace's files: the thread's own where it has gone in, those of a process otherwise.
  ///
  /// - Returns: `nil` if there is no way to them.
  func view(of namespace: FoundNamespace) -> ProcFileSystem? {
    if inside == namespace.id { return ProcFileSystem(root: proc.root, view: .thread) }
    return namespace.pid.map { ProcFileSystem(root: proc.root, view: .other(pid: $0)) }
  }

  /// Whether ``view(of:)`` still shows this namespace: a process may end, or go elsewhere.
  func isThere(_ namespace: FoundNamespace) -> Bool {
    inside == namespace.id || namespace.pid.map { search.isIn(namespace.id, $0) } ?? false
  }

  /// The settings now; `nil` if they cannot be read, since they show only from inside.
  mutating func settings(of known: inout KnownNamespace, mayKeep: Bool) throws(ReadError) -> PoolSettings? {
    if let files = known.sysctls {
      do { return try read(files) } catch {
        // The kernel gave the number of a namespace that has gone to a new one.
        guard case .systemCall(let call) = error, call.isNoSuchFile else { throw error }
        known.sysctls = nil
      }
    }
    guard enter(known.found) else { return nil }
    guard mayKeep else { return try PoolSettings(reading: proc) }
    let files = try ReadError.wrapping(try SysctlFiles(PoolSettings.sysctls, in: proc.sysctlDirectory))
    known.sysctls = files
    return try read(files)
  }

  private func read(_ files: SysctlFiles) throws(ReadError) -> PoolSettings {
    try PoolSettings(subject: proc.sysctl) { name throws(SystemCallError) in try files.bytes(of: name) }
  }

  /// Who owns the namespace.
  ///
  /// The host name is the UTS namespace's, which takes the right to go in. The file `/etc/hostname` inside would do without, but it is a container's to
  /// write: a link to a file of the host would be published, and a pipe would hold up the scrape.
  func identity(of namespace: FoundNamespace) -> NamespaceIdentity {
    guard let pid = namespace.pid else { return NamespaceIdentity(name: namespace.name ?? "") }
    let group = try? FileReader.value(of: "\(proc.root)/\(pid)/cgroup") { bytes throws(FormatError) in try ControlGroupFormat(bytes) }
    return NamespaceIdentity(name: namespace.name ?? hostName(pid), owner: group.map { ControlGroupOwner(path: $0.path) })
  }

  private func hostName(_ pid: Int32) -> String {
    guard isLive, let file = try? NamespaceFile("\(proc.root)/\(pid)/ns/uts"), (try? thread.enterUTS(file)) != nil else { return "" }
    let name = HostName.current
    return name == ownHostName ? "" : name
  }
}

extension NamespaceIdentity {
  fileprivate init(name: String, owner: ControlGroupOwner?) {
    self.init(name: name, pod: owner?.pod ?? "", container: owner?.container ?? "", unit: owner?.unit ?? "")
  }
}
