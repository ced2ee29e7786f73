import Glibc

/// What was predicted and what the kernel then answered, for whoever compares kernels: a line of tab-separated fields for each question, appended to
/// the file that `PORTPOOL_ANSWERS` names. Nothing is kept where it names none.
///
/// ```
/// 40 clients of 127.0.0.1: bind 0.0.0.0	60	60	60	60	60, then EADDRINUSE
/// ```
enum AnswerLog {
  static func note(_ scenario: String, _ question: Question, _ line: Line) {
    let predictions = [line.proc, line.netlink, line.later, line.bpf].map { $0.map { "\($0)" } ?? "" }
    append(["\(scenario): \(question)"] + predictions + [line.kernel])
  }

  /// Something about the kernel that is no number: a line of two fields.
  static func note(_ fact: String, _ value: String) { append([fact, value]) }

  private static func append(_ fields: [String]) {
    guard let path = unsafe getenv("PORTPOOL_ANSWERS") else { return }
    let descriptor = unsafe open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    let bytes = Array(fields.joined(separator: "\t").utf8) + [UInt8(ascii: "\n")]
    _ = unsafe write(descriptor, bytes, bytes.count)
  }
}
