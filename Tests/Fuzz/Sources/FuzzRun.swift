import CFuzzer
import Glibc

/// The run of one target. libFuzzer takes a C function, which cannot carry a context, so the target stands here.
enum FuzzRun {
  nonisolated(unsafe) private static var check: (@Sendable ([UInt8]) -> Void)?

  /// Hands over to libFuzzer, which ends the program.
  static func start(_ target: FuzzTarget, arguments: [String]) -> Never {
    unsafe check = target.check
    var count = Int32(arguments.count)
    let copies = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: arguments.count + 1)
    for (index, argument) in arguments.enumerated() { unsafe copies[index] = unsafe strdup(argument) }
    unsafe copies[arguments.count] = nil
    var list: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = unsafe copies
    exit(
      unsafe LLVMFuzzerRunDriver(&count, &list) { data, size in
        unsafe FuzzRun.check?(Array(UnsafeBufferPointer(start: data, count: size)))
        return 0
      })
  }
}
