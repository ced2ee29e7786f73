import Endpoint
import Testing

@Suite struct ListenAddressTests {
  @Test(
    "an address is read as it is written, and written as it was read",
    arguments: [
      (":10097", ListenAddress.anyAddress(port: 10097)), ("127.0.0.1:0", .host("127.0.0.1", port: 0)),
      ("[::1]:10097", .host("::1", port: 10097)), ("[::]:65535", .host("::", port: 65535)),
      ("localhost:80", .host("localhost", port: 80)), ("unix:/run/p.sock", .unixSocket(path: "/run/p.sock")),
    ])
  func good(text: String, address: ListenAddress) throws {
    let read = try ListenAddress(text)
    #expect(read == address)
    #expect(read.description == text)
  }

  @Test(
    "a bad address is refused with the flag and the remedy",
    arguments: [
      ("", "no port"), ("10097", "no port"), (":", "not a port"), (":65536", "not a port"), (":-1", "not a port"), (":+80", "not a port"),
      (":http", "not a port"), ("::1:80", "in brackets"), ("[::1:80", "in brackets"), ("[]:80", "in brackets"),
      ("unix:run/p.sock", "absolute"), ("unix:/" + String(repeating: "a", count: 107), "107 bytes"),
    ])
  func bad(text: String, problem: String) {
    #expect {
      try ListenAddress(text)
    } throws: { error in
      let sentence = String(describing: error)
      return sentence.contains("--web.listen-address") && sentence.contains(problem)
    }
  }
}
