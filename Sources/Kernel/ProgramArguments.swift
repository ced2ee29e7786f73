internal import CLinux

/// The words that this program was started with.
///
/// Not `CommandLine.arguments`: on Linux the runtime looks for them next to the environment, and finds none once a preloaded library has called
/// `setenv` in its constructor, or without a `/proc`. A program that then acts as if it had been told nothing would serve everyone.
package enum ProgramArguments {
  /// Without the program's own name: `["serve", "--web.listen-address", "127.0.0.1:10097"]`. Bytes that are not UTF-8 are replaced.
  package static var words: [String] {
    (1..<max(1, portpool_argument_count())).compactMap { index in
      unsafe portpool_argument(index).map { unsafe String(cString: $0) }
    }
  }
}
