internal import Glibc

extension BPFObject.Refusal {
  /// The refusal as a sentence for people.
  ///
  /// - Parameter programs: which those are: `the programs that count refused ports`.
  func reason(_ programs: String) -> String {
    // Kernel: `bpf_base_func_proto` with LOCKDOWN_BPF_READ_KERNEL.
    if words.contains("probe_read"), words.contains("cannot use helper") || words.contains("unknown func") {
      return "the kernel does not let programs read its memory, as with lockdown=confidentiality"
    }
    if code == EPERM { return "the kernel does not allow \(programs), as in a container or under a security module" }
    // ENOTSUPP, which is the kernel's own. Kernel: `register_fentry` in `kernel/bpf/trampoline.c`.
    if code == 524 { return "the kernel does not let \(programs) be attached, as on arm64 before Linux 6.4" }
    if code == ESRCH || words.contains("relocation") || words.contains("CO-RE") || words.contains("in kernel BTF") {
      return "the kernel is not as \(programs) know it"
    }
    return "the kernel did not take \(programs): \(SystemCallError(call: "bpf", subject: "", code: code).message)"
  }
}
