import Foundation
import TestSupport

/// An authority of this test alone, with the certificates it gave out; made by openssl.
final class PrivateAuthority: Sendable {
  struct Failed: Error { let outcome: Outcome }

  private let folder: TemporaryFolder

  func path(_ name: String) -> String { folder.path(name) }

  init() throws {
    folder = try TemporaryFolder()
    for authority in ["ca", "other-ca"] {
      try openssl(
        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=\(authority)", "-days", "1",
        "-keyout",
        path("\(authority).key"), "-out", path("\(authority).pem"))
    }
    try issue("server", for: "IP:127.0.0.1")
    try issue("elsewhere", for: "DNS:elsewhere.example")
    try issue("client", for: "DNS:client.example")
    let both = try String(contentsOfFile: path("client.pem"), encoding: .utf8) + String(contentsOfFile: path("client.key"), encoding: .utf8)
    _ = try folder.file("client-both.pem", both)
  }

  /// A web configuration with one of the certificates.
  func webConfiguration(certificate: String = "server", clientAuthority: String? = nil) throws -> String {
    var text = "tls_server_config:\n  cert_file: \(certificate).pem\n  key_file: \(certificate).key\n"
    if let clientAuthority { text += "  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: \(clientAuthority)\n" }
    return try folder.file("web.yml", text)
  }

  private func issue(_ name: String, for subject: String) throws {
    let extensions = try folder.file("\(name).ext", "subjectAltName=\(subject)\n")
    try openssl(
      "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=\(name)", "-keyout",
      path("\(name).key"),
      "-out", path("\(name).csr"))
    try openssl(
      "x509", "-req", "-in", path("\(name).csr"), "-CA", path("ca.pem"), "-CAkey", path("ca.key"), "-CAcreateserial", "-days", "1",
      "-extfile",
      extensions, "-out", path("\(name).pem"))
  }

  private func openssl(_ arguments: String...) throws {
    let outcome = try ChildProgram.run("openssl", arguments)
    guard outcome.status == 0 else { throw Failed(outcome: outcome) }
  }
}
