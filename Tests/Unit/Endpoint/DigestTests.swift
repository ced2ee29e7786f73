import Endpoint
import Testing

@Suite struct DigestTests {
  static func hex(_ bytes: [UInt8]) -> String {
    bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
  }

  @Test(
    "SHA-256 gives the digests of FIPS 180-4 and of NIST's test vectors",
    arguments: [
      ("", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
      ("abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
      ("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"),
      (
        "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu", 1,
        "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"
      ),
      ("a", 1_000_000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"),
    ])
  func sha256(text: String, repeated: Int, digest: String) async throws {
    let computed = try await blocking { SHA256.digest(Array(String(repeating: text, count: repeated).utf8)) }
    #expect(Self.hex(computed) == digest)
  }

  @Test("SHA-256 pads every length as another implementation does", arguments: [1, 54, 55, 56, 57, 63, 64, 65, 119, 120, 128])
  func lengths(length: Int) throws {
    let text = String(repeating: "x", count: length)
    #expect(Self.hex(SHA256.digest(Array(text.utf8))) == String(try Command.run("sha256sum", input: text).output.prefix(64)))
  }

  @Test(
    "HMAC gives the digests of RFC 4231",
    arguments: [
      ([UInt8](repeating: 0x0b, count: 20), Array("Hi There".utf8), "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
      (Array("Jefe".utf8), Array("what do ya want for nothing?".utf8), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
      (
        [UInt8](repeating: 0xaa, count: 20), [UInt8](repeating: 0xdd, count: 50),
        "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"
      ),
      (
        [UInt8](repeating: 0xaa, count: 131), Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
      ),
    ])
  func hmac(key: [UInt8], message: [UInt8], digest: String) {
    #expect(Self.hex(HMAC.digest(message, key: key)) == digest)
  }

  @Test(
    "credentials are read as RFC 7617 writes them",
    arguments: [
      ("Basic YWxpY2U6c2VjcmV0", "alice", "secret"), ("basic YWxpY2U6c2VjcmV0", "alice", "secret"), ("BASIC   YTpi", "a", "b"),
      ("Basic YTpiOmM=", "a", "b:c"), ("Basic Og==", "", ""), ("Basic w6Q6w7Y=", "ä", "ö"), ("Basic YTr/", "a", "\u{fffd}"),
    ])
  func credentials(header: String, user: String, password: String) throws {
    let credentials = try #require(BasicCredentials(header))
    #expect(String(decoding: credentials.user, as: UTF8.self) == user)
    #expect(String(decoding: credentials.password, as: UTF8.self) == password)
  }

  @Test(
    "what is no credentials is refused",
    arguments: [
      nil, "", "Basic", "Basic ", "Bearer YTpi", "Basic YTpi!", "Basic YWI=", "Basic YTp", "Basic YTpiY===", "Basic =YTp",
      "Basic YTpi YTpi",
      "Basic YTpiZB==", "Basic YTo_", "Digest x",
    ] as [String?])
  func noCredentials(header: String?) {
    #expect(BasicCredentials(header) == nil)
  }

  @Test(
    "a date is written as RFC 9110 wants it",
    arguments: [
      (0, "Thu, 01 Jan 1970 00:00:00 GMT"), (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"), (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
      (1_709_251_199, "Thu, 29 Feb 2024 23:59:59 GMT"), (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"),
    ])
  func dates(seconds: Int, text: String) {
    #expect(HTTPDate.text(secondsSince1970: seconds) == text)
  }
}
