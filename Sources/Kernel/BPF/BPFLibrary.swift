internal import CBPF
internal import Glibc

/// libbpf, in this process for as long as this lives: it is needed to load programs and not to run them. The corresponding C functions are `dlopen` and
/// `dlclose`.
@safe struct BPFLibrary: ~Copyable {
  /// The name that every libbpf since 1.0 has.
  static let fileName = "libbpf.so.1"
  /// Where the kernel describes its own types, against which programs are fitted to it.
  private static let typeInformation = "/sys/kernel/btf/vmlinux"

  private var functions = unsafe cbpf_library()

  /// - Parameters:
  ///   - file: its file name.
  ///   - purpose: what it is needed for, as a sentence begins: `counting in the kernel`.
  /// - Throws: one sentence that says what is missing: a right, the kernel's types, or the library, and what to do about it.
  init(_ file: String = fileName, for purpose: String) throws(ReadError) {
    if let missing = Self.missingRight(for: purpose) { throw .refused(missing) }
    guard unsafe access(Self.typeInformation, R_OK) == 0 else {
      throw .refused("\(purpose) takes type information (BTF), and \(SystemCallError.last("access", Self.typeInformation))")
    }
    if let problem = unsafe cbpf_load(&functions, file) {
      let text = unsafe String(cString: problem)
      unsafe cbpf_unload(&functions)
      throw .refused(
        "libbpf cannot be loaded: \(text); install the package libbpf1 (Debian, Ubuntu) or libbpf (Fedora, RHEL)")
    }
  }

  /// Why the calling thread may load no programs; `nil` if it may. Takes neither libbpf nor the kernel's types to find out, and no time to speak of.
  ///
  /// - Parameter purpose: what they are needed for, as a sentence begins.
  static func missingRight(for purpose: String) -> String? {
    guard Capability.systemAdministration.isHeld || (Capability.programs.isHeld && Capability.performanceMonitoring.isHeld) else {
      return "\(purpose) takes CAP_BPF and CAP_PERFMON"
    }
    // Root of a user namespace, and who is behind a filter, has them and may not all the same.
    guard [EPERM, EACCES, ENOSYS].contains(cbpf_try()) else { return nil }
    return "\(purpose) takes the system call bpf, which is refused, as in a container, by a system call filter or by a security module"
  }

  deinit {
    var functions = unsafe functions
    unsafe cbpf_unload(&functions)
  }

  /// Loads the programs of an object file into the kernel, with arrays of these many elements instead of the file's.
  ///
  /// - Throws: the kernel's last words about them.
  borrowing func load(_ file: cbpf_bytes, sizes: [String: UInt32] = [:]) throws(BPFObject.Refusal) -> BPFObject {
    cbpf_forget_warnings()
    guard let object = unsafe functions.open_mem(file.start, file.count, nil) else { throw BPFObject.Refusal(code: errno) }
    for (name, count) in sizes {
      if let map = unsafe functions.find_map(object, name) { _ = unsafe functions.map_set_entries(map, count) }
    }
    let code = unsafe functions.load(object)
    guard code == 0 else {
      defer { unsafe functions.close(object) }
      throw BPFObject.Refusal(code: -code)
    }
    return unsafe BPFObject(object, functions)
  }
}

/// Programs and memory in the kernel, as libbpf has loaded them. What is wanted of it is taken out; the rest ends with it.
@safe struct BPFObject: ~Copyable {
  private let object: OpaquePointer
  private let functions: cbpf_library

  fileprivate init(_ object: OpaquePointer, _ functions: cbpf_library) {
    unsafe self.object = object
    unsafe self.functions = functions
  }

  deinit { unsafe functions.close(object) }

  /// A program that stays loaded without the object.
  borrowing func program(_ name: String) throws(ReadError) -> BPFProgram {
    guard let program = unsafe functions.find_program(object, name) else { throw .refused("there is no BPF program \(name)") }
    let descriptor = unsafe fcntl(functions.program_fd(program), F_DUPFD_CLOEXEC, 3)
    guard descriptor >= 0 else { throw .systemCall(.last("fcntl", name)) }
    return BPFProgram(FileDescriptor(owning: descriptor), name)
  }

  /// Memory that is shared with the programs, and stays without the object.
  borrowing func memory(_ name: String) throws(ReadError) -> BPFMemory {
    guard let map = unsafe functions.find_map(object, name) else { throw .refused("there is no BPF memory \(name)") }
    // Elements are padded to eight bytes each, the whole to pages.
    let element = unsafe (Int(functions.map_value_size(map)) + 7) & ~7
    return try unsafe BPFMemory(descriptor: functions.map_fd(map), element * Int(functions.map_entries(map)), name)
  }

  /// Why programs were not loaded.
  struct Refusal: Error, Sendable, Hashable {
    let code: Int32
    /// What libbpf and the verifier said, the last lines of it.
    let words: String

    init(code: Int32) {
      self.code = code
      words = unsafe String(cString: cbpf_warnings())
    }
  }
}
