import Foundation
import Push
import TestSupport
import Testing

@Suite("libcurl, loaded at the first push")
struct LibraryTests {
  @Test("a missing libcurl is named with its package")
  func missing() {
    #expect(throws: PushError.self) { try CurlLibrary.load("libcurl-that-is-not-there.so.4").get() }
    guard case .failure(let error) = CurlLibrary.load("libcurl-that-is-not-there.so.4") else { return }
    #expect(error.reason == .library)
    #expect(error.description.contains("libcurl-that-is-not-there.so.4: cannot open shared object file"))
    #expect(error.description.contains("install the package libcurl4 (Debian, Ubuntu) or libcurl (Fedora, RHEL)"))
  }

  @Test("a library of that name without libcurl's functions is refused")
  func wrongLibrary() {
    guard case .failure(let error) = CurlLibrary.load("libz.so.1") else {
      Issue.record("zlib was taken for libcurl")
      return
    }
    #expect(error.description.contains("undefined symbol: curl_"))
  }

  @Test("a missing zlib is named with its package")
  func missingZlib() {
    guard case .failure(let error) = GzipEncoder.load("libz-that-is-not-there.so.1") else {
      Issue.record("a library that is not there was loaded")
      return
    }
    #expect(error.description.contains("install the package zlib1g (Debian, Ubuntu) or zlib (Fedora, RHEL)"))
  }

  @Test("what is packed unpacks to what it was", arguments: [0, 1, 100, 300_000])
  func gzip(_ count: Int) throws {
    let folder = try TemporaryFolder()
    let text = String((0..<count).map { _ in "abcdefgh 123\n".randomElement() ?? "a" })
    let packed = try GzipEncoder.shared.get().compressed(Array(text.utf8))
    let file = try folder.file("body.gz", "")
    try Data(packed).write(to: URL(filePath: file))
    let outcome = try ChildProgram.run("gzip", ["-dc", file])
    #expect(outcome.standardOutput == text)
  }
}
