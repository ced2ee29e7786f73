import Testing

@testable import TestSupport

@Suite("HTTP answers")
struct HTTPExchangeTests {
  @Test("status, headers and body are taken apart")
  func plain() throws {
    let answer = try #require(HTTPExchange(Array("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-A:  b\r\n\r\nhi".utf8)))
    #expect(answer.status == 200)
    #expect(answer.headers == ["content-length": "2", "x-a": "b"])
    #expect(answer.text == "hi")
  }

  @Test("chunks are joined")
  func chunked() throws {
    let bytes = Array("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n3\r\n yo\r\n0\r\n\r\n".utf8)
    #expect(try #require(HTTPExchange(bytes)).text == "hi yo")
  }

  @Test(
    "a broken answer is no answer",
    arguments: [
      "", "HTTP/1.1 200 OK\r\n", "nonsense\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nhi",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nh",
    ])
  func broken(text: String) {
    #expect(HTTPExchange(Array(text.utf8)) == nil)
  }
}
