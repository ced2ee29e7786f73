import Exposition
import Push
import Testing

@Suite("What the flags of a push may say")
struct PushConfigurationTests {
  @Test(
    "a URL is taken apart",
    arguments: [
      ("http://gateway:9091", .pushgateway, "http://gateway:9091"), ("HTTP://gateway:9091/", .pushgateway, "http://gateway:9091"),
      ("https://[::1]:9091/push//", .pushgateway, "https://[::1]:9091/push"), ("http://p:9090", .remoteWrite, "http://p:9090/api/v1/write"),
      ("http://p:9090/", .remoteWrite, "http://p:9090/api/v1/write"),
      ("http://p/api/v1/push?tenant=a", .remoteWrite, "http://p/api/v1/push"),
    ] as [(String, PushProtocol, String)])
  func urls(_ text: String, _ format: PushProtocol, _ base: String) throws {
    #expect(try PushConfiguration(url: text, format: format).url.base == base)
  }

  @Test(
    "a URL that will not do is refused with the reason, never repeated",
    arguments: [
      ("gateway:9091", "--url: does not begin with http:// or https://"),
      ("ftp://hunter2", "--url: does not begin with http:// or https://"),
      ("file:///etc/passwd", "--url: does not begin with http:// or https://"), ("", "--url: does not begin with http:// or https://"),
      ("http://", "--url: has no host"), ("http:///x", "--url: has no host"), ("http://:9091", "--url: has no host"),
      (
        "http://me:hunter2@gateway",
        "--url: has a user name in it, which would be visible in the process list; use --basic-auth-file or --bearer-token-file"
      ),
      ("http://gateway/#x", "--url: has a fragment, which a server never sees"),
      ("http://g/\nHost: x", "--url: has a space or control character in it"),
      ("http://gateway/?key=hunter2", "--url: has a query, which a Pushgateway does not take"),
    ])
  func badURLs(_ text: String, _ message: String) {
    #expect(throws: PushConfigurationError(message)) { try PushConfiguration(url: text) }
  }

  @Test(
    "a grouping is refused with the flag and the remedy",
    arguments: [
      (["web-1"], "--push.grouping: \"web-1\" is not LABEL=VALUE; write for example instance=web-1"),
      (["job=x"], "--push.grouping: the job is given by --push.job"),
      (["=x"], "--push.grouping: \"\" is not a label name; use letters, digits and underscores, no digit first, not __ first"),
      (["9x=x"], "--push.grouping: \"9x\" is not a label name; use letters, digits and underscores, no digit first, not __ first"),
      (["__x=x"], "--push.grouping: \"__x\" is not a label name; use letters, digits and underscores, no digit first, not __ first"),
      (["a-b=x"], "--push.grouping: \"a-b\" is not a label name; use letters, digits and underscores, no digit first, not __ first"),
      (["instance=a", "instance=b"], "--push.grouping: \"instance\" is given twice"),
    ])
  func badGroupings(_ grouping: [String], _ message: String) {
    #expect(throws: PushConfigurationError(message)) {
      try PushConfiguration(url: "http://g", grouping: grouping, flagPrefix: "--push.")
    }
  }

  @Test("a grouping value may be empty and may hold equal signs")
  func groupings() throws {
    let grouping = try PushConfiguration(url: "http://g", grouping: ["instance=a=b", "site="]).grouping
    #expect(grouping.map(\.name) == ["instance", "site"])
    #expect(grouping.map(\.value) == ["a=b", ""])
  }

  @Test(
    "a header is refused with its name and never its value",
    arguments: [
      ("X-Scope", "--header: is not 'NAME: VALUE'; write for example 'X-Scope-OrgID: tenant-1'"),
      (": hunter2", "--header: its name is not made of letters, digits and hyphens"),
      ("X Y: hunter2", "--header: its name is not made of letters, digits and hyphens"),
      (
        "authorization: Bearer hunter2",
        "--header: authorization would be visible in the process list; use --basic-auth-file or --bearer-token-file"
      ),
      ("Cookie: hunter2", "--header: Cookie would be visible in the process list"),
      ("Content-Type: x", "--header: Content-Type follows from what is pushed"),
      ("X-A: hunter2\r\nX-B: y", "--header: the value of X-A has a control character in it"),
    ])
  func badHeaders(_ header: String, _ message: String) {
    #expect(throws: PushConfigurationError(message)) { try PushConfiguration(url: "http://g", headers: [header]) }
  }

  @Test("flags that contradict each other or do nothing are refused")
  func contradictions() {
    func refused(_ message: String, _ make: () throws -> PushConfiguration) {
      #expect(throws: PushConfigurationError(message)) { try make() }
    }
    refused("--job: is empty; a group needs a job, for example portpool") { try PushConfiguration(url: "http://g", job: "") }
    refused("--interval: is shorter than a second") { try PushConfiguration(url: "http://g", interval: .milliseconds(999)) }
    refused("--timeout: must be greater than zero") { try PushConfiguration(url: "http://g", timeout: .zero) }
    refused("--bearer-token-file: --basic-auth-file is given too; give one of them") {
      try PushConfiguration(url: "http://g", basicAuthFile: "a", bearerTokenFile: "b")
    }
    refused("--key-file: there is no --cert-file that it belongs to") { try PushConfiguration(url: "https://g", keyFile: "k") }
    refused("--ca-file: the URL is not https, so no certificate is used") { try PushConfiguration(url: "http://g", caFile: "c") }
    refused("--cert-file: the URL is not https, so no certificate is used") { try PushConfiguration(url: "http://g", certFile: "c") }
    refused("--method: remote write only uses POST; leave it out") {
      try PushConfiguration(url: "http://g", format: .remoteWrite, method: .put)
    }
    refused("--compression: remote write is always snappy; leave it out") {
      try PushConfiguration(url: "http://g", format: .remoteWrite, compression: .gzip)
    }
    refused("--delete-on-exit: remote write deletes nothing; its series end with staleness markers") {
      try PushConfiguration(url: "http://g", format: .remoteWrite, interval: .seconds(1), deletesOnExit: true)
    }
    refused("--delete-on-exit: a single push would delete what it just pushed") {
      try PushConfiguration(url: "http://g", deletesOnExit: true)
    }
  }
}

extension PushConfigurationError {
  /// An error from its whole sentence.
  fileprivate init(_ sentence: String) {
    let colon = sentence.firstRange(of: ": ")
    self.init(
      flag: colon.map { String(sentence[..<$0.lowerBound]) } ?? "", problem: colon.map { String(sentence[$0.upperBound...]) } ?? "")
  }
}
