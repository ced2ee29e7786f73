import KernelFormats
import PortModel
import Testing

@Suite("What names a process")
struct ProcessNamingTests {
  @Test(
    "a descriptor's link names a socket, or it does not",
    arguments: [
      ("socket:[12345]", 12345), ("socket:[0]", 0), ("socket:[18446744073709551615]", .max),
      ("socket:[18446744073709551616]", nil), ("socket:[]", nil), ("socket:[12345", nil), ("socket:[12345]x", nil), ("socket:[-1]", nil),
      ("socket:[1 2]", nil), ("pipe:[12345]", nil), ("/tmp/socket:[12345]", nil), ("anon_inode:[eventpoll]", nil), ("", nil),
      ("socket:", nil),
    ] as [(String, UInt64?)])
  func socketInode(text: String, inode: UInt64?) {
    #expect(LinkFormats.socketInode(Array(text.utf8).span) == inode)
  }

  @Test(
    "a namespace's link names a network namespace, or another kind",
    arguments: [
      ("net:[4026531840]", 4_026_531_840), ("mnt:[4026531840]", nil), ("net:[4026531840", nil), ("net:4026531840", nil), ("", nil),
    ] as [(String, UInt64?)])
  func namespace(text: String, inode: UInt64?) {
    #expect(LinkFormats.networkNamespace(Array(text.utf8).span)?.rawValue == inode)
  }

  @Test(
    "comm is a name and a line feed, whatever the name holds",
    arguments: [
      ("nginx\n", "nginx"), ("nginx", "nginx"), ("\n", ""), ("", ""), ("a\nb\n", "a\nb"), ("(sd-pam)\n", "(sd-pam)"),
    ])
  func command(text: String, name: String) {
    #expect(ProcessNameFormats.command(Array(text.utf8).span) == name)
  }

  @Test("a name that is not UTF-8 is repaired")
  func brokenName() {
    #expect(ProcessNameFormats.command([0x61, 0xFF, 0x0A].span) == "a\u{FFFD}")
  }

  @Test(
    "cmdline is arguments that end in zeros",
    arguments: [
      ("nginx\0-g\0daemon off;\0", ["nginx", "-g", "daemon off;"]), ("sh\0\0-c\0", ["sh", "", "-c"]), ("", []), ("\0\0\0", []),
      ("postgres: writer\0\0\0\0", ["postgres: writer"]), ("unfinished", ["unfinished"]),
    ])
  func arguments(text: String, arguments: [String]) {
    #expect(ProcessNameFormats.arguments(Array(text.utf8).span) == arguments)
  }

  @Test("status tells the effective user and capabilities")
  func status() throws {
    let text = "Name:\tx\nUid:\t1000\t33\t1000\t1000\nGid:\t0\t0\t0\t0\nCapPrm:\t0000000000000001\nCapEff:\t000001ffffffffff\nThreads:\t1\n"
    let status = try ProcessStatusFormat(Array(text.utf8).span)
    #expect(status.effectiveUser == 33)
    #expect(status.effectiveCapabilities == 0x1ff_ffff_ffff)
  }

  @Test(
    "a status that lacks a number is named with its place",
    arguments: [
      ("", 1, 1, "Uid", "end of file"), ("Name:\tx\nCapEff:\t0000000000000000\n", 3, 1, "Uid", "end of file"),
      ("Uid:\t1\t2\n", 2, 1, "CapEff", "end of file"), ("Uid:\tx\n", 1, 6, "Uid", "\"x\""), ("Uid:\t1\n", 1, 7, "Uid", "end of line"),
      ("Uid:\t1\t4294967296\n", 1, 8, "Uid", "\"4294967296\""), ("Uid:\t1\t2\nCapEff:\t12\n", 2, 9, "CapEff", "\"12\""),
    ] as [(String, Int, Int, String, String)])
  func brokenStatus(text: String, line: Int, column: Int, field: String, found: String) {
    let error = #expect(throws: FormatError.self) { try ProcessStatusFormat(Array(text.utf8).span) }
    #expect(
      error?.line == line && error?.column == column && error?.field == field && error?.found == found, "\(String(describing: error))")
  }

  @Test(
    "the services database names a port by transport",
    arguments: [
      (80, .tcp, "http", "WorldWideWeb HTTP"), (80, .udp, nil, nil), (53, .udp, "domain", ""), (53, .tcp, "domain", "Domain Name Server"),
      (7, .tcp, nil, nil), (8, .tcp, "last", ""), (9, .tcp, nil, nil),
    ] as [(Port, TransportProtocol, String?, String?)])
  func services(port: Port, transport: TransportProtocol, name: String?, comment: String?) {
    let text = """
      # Network services
      domain\t\t53/tcp\t\t\t\t# Domain Name Server
      domain 53/udp
      http\t80/tcp\twww\t# WorldWideWeb HTTP\t
      other\t80/tcp
      #echo\t7/tcp
      broken
      broken 9
      broken 9/
      broken 70000/tcp
      9/tcp

      last 8/tcp
      """
    let service = ServicesFormat.service(Array(text.utf8).span, port: port, transport)
    #expect(service?.name == name && service?.comment == comment)
  }

  @Test("passwd names users by number; of two names the first one counts")
  func users() {
    let text =
      "root:x:0:0:root:/root:/bin/bash\ntoor:x:0:0::/root:/bin/sh\n\n#c\n:x:5:5\nshort:x\nbad:x:y:1:\nlarge:x:4294967296:1:\n+::::::\nlast:x:7:7:::"
    #expect(PasswordFileFormat.names(Array(text.utf8).span) == [0: "root", 7: "last"])
    #expect(PasswordFileFormat.names([UInt8]().span) == [:])
  }
}
