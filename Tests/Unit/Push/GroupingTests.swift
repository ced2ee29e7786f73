import Exposition
import Push
import Testing

@Suite("The path of a group")
struct GroupingTests {
  /// Values that a path does not take as they are.
  static let odd = [
    "web-1", "", "a/b", "/", "//", ".", "..", "...", "a b", "a+b", "a%2Fb", "%", "a?b", "a#b", "a&b=c", "ü", "\u{1F600}", "a:b@c", "\"'\\",
    "\n", "\t",
    "~-._", "=", "/a+b==", "a//b", "@base64", "ab/", "abc/", "[::1]:80", ";,", "é", "e\u{301}",
  ]

  @Test(
    "values are encoded as RFC 3986 and the gateway want them",
    arguments: [
      ("web-1", "/metrics/job/web-1"), ("a b", "/metrics/job/a%20b"), ("a+b", "/metrics/job/a%2Bb"), ("ü", "/metrics/job/%C3%BC"),
      ("%", "/metrics/job/%25"), ("~-._", "/metrics/job/~-._"), ("a/b", "/metrics/job@base64/YS9i"), (".", "/metrics/job@base64/Lg"),
      ("..", "/metrics/job@base64/Li4"), ("...", "/metrics/job/..."), ("/ÿ?>", "/metrics/job@base64/L8O_Pz4"),
      ("", "/metrics/job@base64/="),
    ])
  func paths(_ value: String, _ path: String) {
    #expect(GroupingPath.path(job: value, grouping: []) == path)
  }

  @Test("every odd value comes back from a real gateway's API as it was", .timeLimit(.minutes(1)))
  func roundTrip() throws {
    let gateway = try Gateway()
    for value in Self.odd {
      let job = value.isEmpty ? "portpool" : value
      let configuration = try PushConfiguration(url: gateway.url, job: job, grouping: ["instance=\(value)", "site=b/\(value)"])
      #expect(try Pushing.once(configuration) == nil, "\(value.debugDescription)")
    }
    // By bytes: to String, é in one scalar and in two are the same.
    let groups = Set(try gateway.groups().map { $0.mapValues { Array($0.utf8) } })
    for value in Self.odd {
      let expected = ["job": value.isEmpty ? "portpool" : value, "instance": value, "site": "b/\(value)"]
      #expect(groups.contains(expected.mapValues { Array($0.utf8) }), "\(value.debugDescription)")
    }
    #expect(groups.count == Self.odd.count)
  }
}
