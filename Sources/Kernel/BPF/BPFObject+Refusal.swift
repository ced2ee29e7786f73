internal import Glibc

extension BPFObject.Refusal {
  /// Why programs that were loaded could not be attached, or their memory not be had.
  init(_ error: ReadError) {
    guard case .systemCall(let call) = error else {
      self.init(code: EINVAL)
      return
    }
    self.init(code: call.code)
  }

  /// The refusal as a sentence for people.
  ///
  /// - Parameters:
  ///   - programs: which those are: `the programs that count sockets`.
  ///   - oldest: the first kernel that they fit, if that is known.
  func reason(_ programs: String, since oldest: String? = nil) -> String {
    // Kernel: `bpf_base_func_proto` with LOCKDOWN_BPF_READ_KERNEL.
    if words.contains("probe_read"), words.contains("cannot use helper") || words.contains("unknown func") {
      return "the kernel does not let programs read its memory, as with lockdown=confidentiality"
    }
    if code == EPERM { return "the kernel does not allow \(programs), as in a container or under a security module" }
    // ENOTSUPP, which is the kernel's own. Kernel: `register_fentry` in `kernel/bpf/trampoline.c`.
    if code == 524 { return "the kernel does not let \(programs) be attached, as on arm64 before Linux 6.4" }
    if code == ESRCH || ["relocation", "CO-RE", "in kernel BTF", "invalid func unknown"].contains(where: words.contains) {
      return "the kernel is not as \(programs) know it" + (oldest.map { ": it is too old (before \($0)) or too new" } ?? "")
    }
    return "the kernel did not take \(programs): \(SystemCallError(call: "bpf", subject: "", code: code).message)"
  }
}
