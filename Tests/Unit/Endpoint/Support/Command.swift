import Foundation

/// Another program, run to its end.
struct Command: Sendable {
  let status: Int32
  let output: String
  let errors: String

  /// The path of a program, or `nil` where it is not installed.
  static func path(_ name: String) -> String? {
    let directories = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":")
    return directories.map { "\($0)/\(name)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
  }

  static func run(_ name: String, _ arguments: String..., input: String = "") throws -> Command {
    try run(name, arguments: arguments, input: input)
  }

  static func run(_ name: String, arguments: [String], input: String = "") throws -> Command {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path(name) ?? name)
    process.arguments = arguments
    // Files and not pipes: a program that writes much must not wait for a reader.
    let base = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    let files = ["in", "out", "err"].map { base.appendingPathExtension($0) }
    defer { for file in files { try? FileManager.default.removeItem(at: file) } }
    try input.write(to: files[0], atomically: false, encoding: .utf8)
    for file in files.dropFirst() { _ = FileManager.default.createFile(atPath: file.path, contents: nil) }
    process.standardInput = try FileHandle(forReadingFrom: files[0])
    process.standardOutput = try FileHandle(forWritingTo: files[1])
    process.standardError = try FileHandle(forWritingTo: files[2])
    try process.run()
    process.waitUntilExit()
    return Command(
      status: process.terminationStatus, output: String(decoding: try Data(contentsOf: files[1]), as: UTF8.self),
      errors: String(decoding: try Data(contentsOf: files[2]), as: UTF8.self))
  }
}
