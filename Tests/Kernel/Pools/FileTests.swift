import Foundation
import Glibc
import Kernel
import KernelFormats
import TestSupport
import Testing

@Suite("Files, as the kernel gives them")
struct FileTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test("a file is read whole, whatever its size", arguments: [0, 1, 4095, 4096, 4097, 8192, 100_000])
  func whole(size: Int) throws {
    let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    let path = try folder.file("file", bytes)
    #expect(try FileReader.bytes(of: path) == bytes)
    #expect(try FileReader.bytesIfPresent(of: path) == bytes)
  }

  @Test("a file that is longer than it may be is refused")
  func tooLong() throws {
    let path = try folder.file("file", [UInt8](repeating: 0, count: 8193))
    #expect(throws: SystemCallError(call: "read", subject: path, code: EFBIG)) { try FileReader.bytes(of: path, limit: 8192) }
  }

  @Test("a file that is not there is no error where it may be missing, and one with its name where not")
  func missing() throws {
    #expect(try FileReader.bytesIfPresent(of: "/nonexistent/file") == nil)
    #expect(try FileReader.bytesIfPresent(of: "/proc/self/stat/x") == nil, "a file where a directory should be")
    let error = SystemCallError(call: "open", subject: "/nonexistent/file", code: ENOENT)
    #expect(throws: error) { try FileReader.bytes(of: "/nonexistent/file") }
    #expect(error.description == "/nonexistent/file: open: No such file or directory")
  }

  @Test("a stream gives every byte once, with what was left over in front", arguments: [1, 7, 64, 4096])
  func stream(bufferSize: Int) throws {
    let text = (0..<500).map { "line \($0) " + String(repeating: "x", count: $0 % 90) + "\n" }.joined()
    let path = try folder.file("file", Array(text.utf8))
    var stream = try FileStream(path, bufferSize: bufferSize)
    var lines: [UInt8] = []
    var ends = 0
    try stream.read(until: .never) { bytes, isLast in
      // Only whole lines are taken.
      var used = 0
      for index in 0..<bytes.count where bytes[index] == UInt8(ascii: "\n") { used = index + 1 }
      for index in 0..<used { lines.append(bytes[index]) }
      if isLast { ends += 1 }
      return (used, true)
    }
    #expect(String(decoding: lines, as: UTF8.self) == text)
    #expect(ends == 1)
  }

  @Test("a line without an end is refused before it takes the host's memory")
  func endless() throws {
    let path = try folder.file("endless", [UInt8](repeating: 0, count: 2 << 20))
    var stream = try FileStream(path)
    #expect(throws: ReadError.systemCall(SystemCallError(call: "read", subject: path, code: EFBIG))) {
      try stream.read(until: .never) { _, _ in (0, true) }
    }
  }

  @Test("a parser's error gets the name of the file")
  func formatError() throws {
    let path = try folder.file("file", [UInt8(ascii: "x")])
    let error = FormatError(line: 7, column: 1, field: "f", expected: "e", found: "x")
    var stream = try FileStream(path)
    #expect(throws: ReadError.format(error.at(source: path))) {
      try stream.read(until: .never) { _, _ throws(FormatError) in throw error }
    }
  }

  @Test("a file is read and parsed, and a parser's error gets its name")
  func values() throws {
    func number(_ bytes: borrowing Span<UInt8>) throws(FormatError) -> UInt64 { try SysctlFormats.number(bytes, field: "value") }
    let (good, bad) = (try folder.file("good", "42\n"), try folder.file("bad", "x\n"))
    #expect(try FileReader.value(of: good, number) == 42)
    #expect(try FileReader.valueIfPresent(of: good, number) == 42)
    #expect(try FileReader.valueIfPresent(of: "/nonexistent/file", number) == nil)
    #expect(throws: ReadError.systemCall(.noSuchFile("/nonexistent/file"))) { try FileReader.value(of: "/nonexistent/file", number) }
    do throws(ReadError) {
      _ = try FileReader.value(of: bad, number)
      Issue.record("\(bad) is no number")
    } catch {
      #expect(error.description.hasPrefix("\(bad):1:1: value: expected a number"))
    }
  }

  @Test("a file that others may not read is no error where that is expected", .rightsToDrop)
  func unreadable() async throws {
    let path = try folder.file("file", "42\n")
    try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: path)
    let value = try await Unprivileged.run {
      try FileReader.valueIfReadable(of: path) { bytes throws(FormatError) in try SysctlFormats.number(bytes, field: "value") }
    }
    #expect(value == nil)
  }

  @Test("a directory's names are all but its own and its parent's")
  func directory() throws {
    #expect(try Directory.names(in: "/proc/self/task") == ["\(getpid())"] || Directory.names(in: "/proc/self/task").count > 1)
    #expect(try Set(Directory.names(in: "/proc/sys/net")).isSuperset(of: ["ipv4", "core"]))
    #expect(throws: SystemCallError(call: "opendir", subject: "/nonexistent", code: ENOENT)) { try Directory.names(in: "/nonexistent") }
  }

  @Test(
    "a process file system has its files where the view says",
    arguments: [
      (ProcFileSystem(), "/proc/net/tcp"), (ProcFileSystem(root: "/host/proc/"), "/host/proc/net/tcp"),
      (ProcFileSystem(root: "/"), "//net/tcp"),
      (ProcFileSystem(view: .thread), "/proc/thread-self/net/tcp"), (ProcFileSystem(view: .other(pid: 42)), "/proc/42/net/tcp"),
    ])
  func procFileSystem(proc: ProcFileSystem, path: String) {
    #expect(proc.net("tcp") == path)
    #expect(proc.sysctl("tcp_tw_reuse").hasSuffix("/sys/net/ipv4/tcp_tw_reuse"))
  }

  @Test("a copied tree is not the running kernel's")
  func isLive() {
    #expect(ProcFileSystem().isLive)
    #expect(!ProcFileSystem(root: "/tmp").isLive)
    #expect(!ProcFileSystem(root: "/nonexistent").isLive)
  }

  @Test("a file is written whole and readable for all, over what was there")
  func atomic() throws {
    let path = try folder.file("file", Array("old and longer".utf8))
    try AtomicFile.write(Array("new\n".utf8), to: path)
    #expect(try FileReader.bytes(of: path) == Array("new\n".utf8))
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    #expect(attributes[.posixPermissions] as? Int == 0o644)
    #expect(throws: SystemCallError.self) { try AtomicFile.write([], to: "/nonexistent/file") }
  }

  @Test("a FIFO, a device or a socket is refused, and nobody waits for it", .timeLimit(.minutes(1)))
  func notFiles() throws {
    let fifo = folder.path("fifo")
    try #require(unsafe mkfifo(fifo, 0o600) == 0)
    for path in [fifo, "/dev/zero"] {
      let error = SystemCallError(call: "open", subject: path, code: EINVAL)
      #expect(throws: error) { try FileReader.bytes(of: path) }
      #expect(throws: error) { try FileReader.bytesIfPresent(of: path) }
      #expect(throws: error) { _ = try FileStream(path) }
      #expect(throws: error) { try Sysctl.bytes(of: path) }
    }
    #expect(throws: SystemCallError(call: "open", subject: fifo, code: EINVAL)) { try SysctlFiles(["fifo"], in: folder.path) }
  }

  @Test("a device or FIFO is written into and stays what it is")
  func notReplaced() throws {
    let fifo = folder.path("fifo")
    try #require(unsafe mkfifo(fifo, 0o600) == 0)
    let reader = unsafe open(fifo, O_RDONLY | O_NONBLOCK)
    defer { close(reader) }
    try AtomicFile.write(Array("through\n".utf8), to: fifo)
    var buffer = [UInt8](repeating: 0, count: 100)
    #expect(unsafe read(reader, &buffer, buffer.count) == 8 && buffer.starts(with: "through\n".utf8))
    let null = folder.path("null")
    try FileManager.default.createSymbolicLink(atPath: null, withDestinationPath: "/dev/null")
    try AtomicFile.write([1], to: null)
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: null) == "/dev/null")
    #expect(try folder.entries() == ["fifo", "null"])
  }

  @Test("a symbolic link stays one, and the file that it leads to is replaced")
  func link() throws {
    let path = try folder.file("file", "old")
    let link = folder.path("link")
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "file")
    try AtomicFile.write(Array("new".utf8), to: link)
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == "file")
    #expect(try FileReader.bytes(of: path) == Array("new".utf8))
    let dangling = folder.path("dangling")
    try FileManager.default.createSymbolicLink(atPath: dangling, withDestinationPath: "absent")
    #expect(throws: SystemCallError(call: "realpath", subject: dangling, code: ENOENT)) { try AtomicFile.write([], to: dangling) }
    #expect(try folder.entries() == ["dangling", "file", "link"])
  }

  @Test("a log whose reader has stopped is never waited for, and says later what it dropped", .timeLimit(.minutes(1)))
  func fullPipe() throws {
    var ends: [Int32] = [0, 0]
    try #require(unsafe pipe(&ends) == 0)
    defer { close(ends[0]) }
    let output = LineOutput(ends[1])
    let line = String(repeating: "x", count: 4_999) + "\n"
    for _ in 0..<100 { output.write(line) { "\($0) dropped\n" } }
    #expect(fcntl(ends[1], F_GETFL) & O_NONBLOCK == 0, "another program may share the pipe")
    _ = Self.drained(ends[0])
    output.write("last\n") { "\($0) dropped\n" }
    close(ends[1])
    let text = Self.drained(ends[0])
    let lines = text.split(separator: "\n")
    #expect(lines.last == "last")
    #expect(lines.contains { $0.hasSuffix(" dropped") && Int($0.prefix { $0.isNumber }) ?? 0 > 80 }, "\(text)")
  }

  /// What a pipe holds now.
  private static func drained(_ descriptor: Int32) -> String {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    let flags = fcntl(descriptor, F_GETFL)
    _ = fcntl(descriptor, F_SETFL, flags | O_NONBLOCK)
    defer { _ = fcntl(descriptor, F_SETFL, flags) }
    var bytes: [UInt8] = []
    while true {
      let count = unsafe read(descriptor, &buffer, buffer.count)
      guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
      bytes += buffer.prefix(count)
    }
  }
}
