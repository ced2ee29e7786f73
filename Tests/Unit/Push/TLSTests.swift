import Foundation
import Push
import TestSupport
import Testing

@Suite("Over TLS", .timeLimit(.minutes(1)))
struct TLSTests {
  @Test("a private authority is trusted when it is named, and only it")
  func privateAuthority() throws {
    let pki = try PrivateAuthority()
    let gateway = try Gateway(["--web.config.file=\(try pki.webConfiguration())"])
    let url = "https://127.0.0.1:\(gateway.port)"
    #expect(try Pushing.once(PushConfiguration(url: url, caFile: pki.path("ca.pem"))) == nil)
    for configuration in [try PushConfiguration(url: url), try PushConfiguration(url: url, caFile: pki.path("other-ca.pem"))] {
      let error = try #require(try Pushing.once(configuration, retries: Pushing.quick))
      #expect(error.reason == .tls, "\(error)")
      #expect(error.description.hasPrefix("\(url)/metrics/job/portpool: "))
    }
  }

  @Test("a certificate for another host is refused")
  func otherHost() throws {
    let pki = try PrivateAuthority()
    let gateway = try Gateway(["--web.config.file=\(try pki.webConfiguration(certificate: "elsewhere"))"])
    let configuration = try PushConfiguration(url: "https://127.0.0.1:\(gateway.port)", caFile: pki.path("ca.pem"))
    #expect(try Pushing.once(configuration)?.reason == .tls)
  }

  @Test("a server that wants a certificate gets ours, and without one there is no push")
  func mutual() throws {
    let pki = try PrivateAuthority()
    let gateway = try Gateway(["--web.config.file=\(try pki.webConfiguration(clientAuthority: "ca.pem"))"])
    let url = "https://127.0.0.1:\(gateway.port)"
    let ca = pki.path("ca.pem")
    #expect(
      try Pushing.once(
        PushConfiguration(url: url, caFile: ca, certFile: pki.path("client.pem"), keyFile: pki.path("client.key"))) == nil)
    // The key may stand in the same file.
    #expect(try Pushing.once(PushConfiguration(url: url, caFile: ca, certFile: pki.path("client-both.pem"))) == nil)
    #expect(try Pushing.once(PushConfiguration(url: url, caFile: ca)) != nil)
    #expect(try gateway.groupsOverTLS(pki).count == 1)
  }

  @Test("a file that is no certificate is named", arguments: ["ca", "cert"])
  func noCertificate(_ kind: String) throws {
    let folder = try TemporaryFolder()
    let file = try folder.file("nonsense.pem", "nonsense")
    let pki = try PrivateAuthority()
    let gateway = try Gateway(["--web.config.file=\(try pki.webConfiguration())"])
    let url = "https://127.0.0.1:\(gateway.port)"
    let configuration =
      kind == "ca"
      ? try PushConfiguration(url: url, caFile: file) : try PushConfiguration(url: url, caFile: pki.path("ca.pem"), certFile: file)
    let error = try #require(try Pushing.once(configuration))
    #expect(error.reason == .tls)
    #expect(error.description.contains("nonsense.pem"), "\(error)")
  }
}

extension Gateway {
  /// The groups of a gateway that wants a client certificate, asked for by curl.
  fileprivate func groupsOverTLS(_ pki: PrivateAuthority) throws -> [[String: String]] {
    let outcome = try ChildProgram.run(
      "curl",
      [
        "-sS", "--cacert", pki.path("ca.pem"), "--cert", pki.path("client.pem"), "--key", pki.path("client.key"),
        "https://127.0.0.1:\(port)/api/v1/metrics",
      ])
    return try Self.groups(in: outcome.standardOutput)
  }
}
