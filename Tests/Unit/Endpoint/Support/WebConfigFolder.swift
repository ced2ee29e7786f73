import Foundation

/// A folder with a web configuration that a test may change, and certificates for it.
final class WebConfigFolder: Sendable {
  let path: String

  init(_ config: String = "") throws {
    path = FileManager.default.temporaryDirectory.appendingPathComponent("portpool-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    try write(config)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// The path of the configuration.
  var config: String { file("web.yml") }

  func file(_ name: String) -> String { "\(path)/\(name)" }

  /// Replaces the configuration, as a careful program does: a new file in the place of the old.
  func write(_ text: String, to name: String = "web.yml") throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: file(name)), options: .atomic)
  }

  /// Copies the certificates of ``TestCertificates`` in.
  func addCertificates() throws {
    let made = try TestCertificates.folder.get().path
    for name in try FileManager.default.contentsOfDirectory(atPath: made) where name.hasSuffix(".crt") || name.hasSuffix(".key") {
      try FileManager.default.copyItem(atPath: "\(made)/\(name)", toPath: file(name))
    }
  }
}

/// Certificates, made once by openssl: `server`, `server2` (the same names), `rsa`, `client` and `stranger` (of another CA), `ca`.
enum TestCertificates {
  static let folder: Result<WebConfigFolder, any Error> = Result {
    let folder = try WebConfigFolder()
    try authority("ca", in: folder)
    try authority("otherca", in: folder)
    let here = "DNS:localhost,IP:127.0.0.1,IP:::1"
    try leaf("server", by: "ca", names: here, in: folder)
    try leaf("server2", by: "ca", names: here, in: folder)
    try leaf("rsa", by: "ca", names: here, rsa: true, in: folder)
    try leaf("client", by: "ca", names: "DNS:scraper.example,URI:spiffe://example/prometheus,IP:10.0.0.7,email:ops@example", in: folder)
    try leaf("stranger", by: "otherca", names: "DNS:scraper.example", in: folder)
    _ = try Command.run(
      "openssl", "pkcs8", "-topk8", "-in", folder.file("server.key"), "-out", folder.file("encrypted.key"), "-passout", "pass:x")
    return folder
  }

  private static func authority(_ name: String, in folder: WebConfigFolder) throws {
    try check(
      Command.run(
        "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=\(name)",
        "-keyout", folder.file("\(name).key"), "-out", folder.file("\(name).crt")))
  }

  private static func leaf(_ name: String, by authority: String, names: String, rsa: Bool = false, in folder: WebConfigFolder) throws {
    let kind = rsa ? ["-newkey", "rsa:2048"] : ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    try check(
      Command.run(
        "openssl",
        arguments: ["req"] + kind + [
          "-nodes", "-subj", "/CN=\(name)", "-keyout", folder.file("\(name).key"), "-out", folder.file("\(name).csr"),
        ]))
    try folder.write("subjectAltName=\(names)\n", to: "\(name).ext")
    try check(
      Command.run(
        "openssl", "x509", "-req", "-days", "2", "-in", folder.file("\(name).csr"), "-CA", folder.file("\(authority).crt"), "-CAkey",
        folder.file("\(authority).key"), "-CAcreateserial", "-extfile", folder.file("\(name).ext"), "-out", folder.file("\(name).crt")))
  }

  private static func check(_ command: Command) throws {
    struct Failed: Error { let text: String }
    if command.status != 0 { throw Failed(text: command.errors) }
  }
}
