internal import CBPF
internal import Glibc
internal import KernelFormats

/// A program in the kernel. Unless it is attached nothing triggers it: it runs when it is told to, on the calling thread's processor, and ends.
struct BPFProgram: ~Copyable {
  private let descriptor: FileDescriptor
  private let name: String

  init(_ descriptor: consuming FileDescriptor, _ name: String) {
    self.descriptor = descriptor
    self.name = name
  }

  /// Runs the program once with up to five numbers. The corresponding system call is `bpf` with `BPF_PROG_TEST_RUN`.
  ///
  /// - Returns: what the program returned.
  borrowing func run(_ arguments: UInt64...) throws(ReadError) -> Int {
    var context = arguments
    while context.count < 5 { context.append(0) }
    var result: UInt32 = 0
    guard unsafe cbpf_run(descriptor.rawValue, context, UInt32(context.count), &result) == 0 else {
      throw .systemCall(.last("bpf", name))
    }
    return Int(Int32(bitPattern: result))
  }

  /// Lets the kernel run it whenever what it was loaded to follow happens, until the result is closed. The corresponding system call is `bpf` with
  /// `BPF_RAW_TRACEPOINT_OPEN`.
  borrowing func attach() throws(ReadError) -> FileDescriptor {
    let link = cbpf_attach(descriptor.rawValue)
    guard link >= 0 else { throw .systemCall(.last("bpf", name)) }
    return FileDescriptor(owning: link)
  }

  /// How often the kernel did not run it although it should have, because the processor was in the middle of it already. Reading it takes no right. `nil`
  /// before Linux 5.12, which always runs a program, and where no `/proc` is mounted.
  ///
  /// Kernel: `__bpf_prog_enter_recur` in `kernel/bpf/trampoline.c`, `__bpf_trace_run` in `kernel/trace/bpf_trace.c`.
  var recursionMisses: UInt64? {
    (try? FileReader.value(of: "/proc/self/fdinfo/\(descriptor.rawValue)") { bytes throws(FormatError) in
      try DescriptorFormat.recursionMisses(bytes)
    }) ?? nil
  }
}
