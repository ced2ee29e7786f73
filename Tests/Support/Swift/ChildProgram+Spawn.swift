internal import CTestSupport
internal import Glibc

extension ChildProgram {
  /// `posix_spawnp` on the calling thread, whose namespaces the program inherits.
  static func spawn(
    _ path: String, _ arguments: [String], _ environment: [String], _ output: Int32, _ errors: Int32, _ held: [Int32]
  ) throws(SystemCallFailure) -> Int32 {
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    unsafe posix_spawn_file_actions_adddup2(&actions, output, 1)
    unsafe posix_spawn_file_actions_adddup2(&actions, errors, 2)
    // One that becomes itself is not closed when the program starts.
    for descriptor in held { unsafe posix_spawn_file_actions_adddup2(&actions, descriptor, descriptor) }

    var attributes = posix_spawnattr_t()
    unsafe posix_spawnattr_init(&attributes)
    defer { unsafe posix_spawnattr_destroy(&attributes) }
    var signals = sigset_t()
    unsafe sigemptyset(&signals)
    unsafe posix_spawnattr_setsigmask(&attributes, &signals)
    unsafe sigfillset(&signals)
    unsafe posix_spawnattr_setsigdefault(&attributes, &signals)
    unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

    var pid: pid_t = 0
    let result = unsafe withCStrings(arguments) { arguments in
      unsafe withCStrings(environment) { environment in
        unsafe posix_spawnp(&pid, path, &actions, &attributes, arguments, environment)
      }
    }
    guard result == 0 else { throw SystemCallFailure("posix_spawn \(path)", result) }
    return pid
  }

  /// Calls `body` with a NULL-terminated array of C strings, as `argv` is.
  private static func withCStrings<Result>(
    _ strings: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Result
  ) -> Result {
    let copies = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: strings.count + 1)
    for (index, string) in strings.enumerated() { unsafe copies[index] = unsafe strdup(string) }
    unsafe copies[strings.count] = nil
    defer {
      for index in strings.indices { unsafe free(copies[index]) }
      unsafe copies.deallocate()
    }
    return unsafe body(copies)
  }
}
