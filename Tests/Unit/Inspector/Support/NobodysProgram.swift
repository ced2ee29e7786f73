import Foundation
import TestSupport

/// The built program, run by a user without any right.
enum NobodysProgram {
  /// Runs it as user 65534. Where that user may not reach the build, a copy runs; the copy may be busy for a moment, as long as a program that another
  /// test starts still has its descriptor.
  static func run(_ arguments: [String]) throws -> Outcome {
    let outcome = try run(ChildProgram.portpool, arguments)
    guard isOutOfReach(outcome) else { return outcome }
    let copy = FileManager.default.temporaryDirectory.appending(path: "portpool-\(UUID().uuidString)").path(percentEncoded: false)
    try FileManager.default.copyItem(atPath: ChildProgram.portpool, toPath: copy)
    defer { try? FileManager.default.removeItem(atPath: copy) }
    for _ in 0..<50 {
      let outcome = try run(copy, arguments)
      if !isOutOfReach(outcome) { return outcome }
      TestSocket.pause(0.1)
    }
    return try run(copy, arguments)
  }

  private static func run(_ path: String, _ arguments: [String]) throws -> Outcome {
    try ChildProgram.run("setpriv", ["--reuid=65534", "--regid=65534", "--clear-groups", path] + arguments, seconds: 600)
  }

  /// `setpriv` could not start it.
  private static func isOutOfReach(_ outcome: Outcome) -> Bool { outcome.status == 126 || outcome.status == 127 }
}
