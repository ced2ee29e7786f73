import Foundation
import Kernel
import KernelFormats
import TestSupport
import Testing

@Suite("Links and descriptors")
struct LinkTests {
  private func withFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appending(path: "portpool-\(UUID().uuidString)").path(percentEncoded: false)
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    return try body(folder)
  }

  @Test(
    "a link says what is written in it, whether that exists or not, and however long it is",
    arguments: ["socket:[12345]", "/", "a b\n", String(repeating: "x", count: 255), String(repeating: "y", count: 4000)])
  func target(text: String) throws {
    try withFolder { folder in
      try FileManager.default.createSymbolicLink(atPath: folder + "/link", withDestinationPath: text)
      #expect(try SymbolicLink.target(of: folder + "/link") == Array(text.utf8))
    }
  }

  @Test("what is no link, or not there, is an error that names it", arguments: [("", EINVAL), ("/missing", ENOENT)])
  func noLink(name: String, code: Int32) throws {
    try withFolder { folder in
      let error = #expect(throws: SystemCallError.self) { try SymbolicLink.target(of: folder + name) }
      #expect(error?.code == code && error?.call == "readlink" && error?.subject == folder + name)
    }
  }

  @Test("every descriptor of this process is given once; what is no link is passed over")
  func descriptors() throws {
    let socket = try TestSocket.bound(.udp, to: SocketAddress("127.0.0.1"))
    let link = try SymbolicLink.target(of: "/proc/self/fd/\(socket.descriptor)")
    let inode = LinkFormats.socketInode(link.span)
    #expect(inode != nil, "\(String(decoding: link, as: UTF8.self))")
    var found = 0
    try DescriptorLinks.forEach(in: "/proc/self/fd") { if LinkFormats.socketInode($0) == inode { found += 1 } }
    withExtendedLifetime(socket) {}
    #expect(found == 1)
    try withFolder { folder in
      try FileManager.default.createSymbolicLink(atPath: folder + "/long", withDestinationPath: String(repeating: "z", count: 100))
      try Data("file".utf8).write(to: URL(filePath: folder + "/file"))
      var lengths: [Int] = []
      try DescriptorLinks.forEach(in: folder) { lengths.append($0.count) }
      #expect(lengths == [63])
    }
  }

  @Test("a directory that is not there is an error that names it")
  func missing() {
    let error = #expect(throws: SystemCallError.self) { try DescriptorLinks.forEach(in: "/nowhere/fd") { _ in } }
    #expect(error?.isNoSuchFile == true && error?.subject == "/nowhere/fd")
  }

  @Test("a pause lasts as long as it was asked to", arguments: [Duration.zero, .milliseconds(1), .milliseconds(120)])
  func pause(duration: Duration) {
    let start = ContinuousClock.now
    Pause.sleep(duration)
    #expect(ContinuousClock.now - start >= duration)
  }
}
