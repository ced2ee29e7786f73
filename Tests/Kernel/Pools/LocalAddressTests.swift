import Kernel
import PortModel
import Scraper
import TestSupport
import Testing

@Suite("A namespace's own addresses, as the kernel tells them", .networkNamespaces)
struct LocalAddressTests {
  @Test("addresses and networks that are routed to the host are found, and those of other hosts are not")
  func addresses() async throws {
    let found = try await NetworkNamespace.run { namespace in
      try namespace.ip("address", "add", "192.0.2.5/32", "dev", "lo")
      try namespace.ip("address", "add", "2001:db8::5/128", "dev", "lo", "nodad")
      try namespace.ip("route", "add", "local", "198.51.100.0/24", "dev", "lo")
      try namespace.ip("-6", "route", "add", "local", "2001:db8:1::/64", "dev", "lo")
      // An IPv6 address has its route a moment later.
      let added = try #require(IPAddress("2001:db8::5"))
      try Until.holds { try LocalAddresses(reading: ProcFileSystem(view: .thread)).contains(added) }
      return try LocalAddresses(reading: ProcFileSystem(view: .thread))
    }
    for text in ["192.0.2.5", "198.51.100.77", "2001:db8::5", "2001:db8:1::77"] {
      #expect(found.contains(try #require(IPAddress(text))), "\(text)")
    }
    for text in ["192.0.2.6", "198.51.101.1", "2001:db8::6", "2001:db8:2::77", "10.0.0.1"] {
      #expect(!found.contains(try #require(IPAddress(text))), "\(text)")
    }
  }

  @Test("routes to other hosts cost nothing, however many: they are not among what the kernel sends")
  func manyRoutes() async throws {
    let found = try await NetworkNamespace.run { namespace in
      try namespace.ip("address", "add", "192.0.2.5/32", "dev", "lo")
      let routes = (0..<5_000).map { "route add blackhole 10.\($0 >> 8).\($0 & 255).0/24" }
      try namespace.ip(batch: routes)
      return try LocalAddresses(reading: ProcFileSystem(view: .thread))
    }
    #expect(found.addresses.contains(try #require(IPAddress("192.0.2.5"))))
    #expect(found.addresses.count + found.networks.count < 20, "\(found)")
    #expect(!found.contains(try #require(IPAddress("10.0.7.1"))))
  }

  @Test("the kernel and the files in /proc name the same addresses")
  func agreement() async throws {
    let (asked, read) = try await NetworkNamespace.run { namespace in
      try namespace.ip("address", "add", "192.0.2.5/32", "dev", "lo")
      try namespace.ip("address", "add", "2001:db8::5/128", "dev", "lo", "nodad")
      // An IPv6 address has its route a moment later.
      let added = try #require(IPAddress("2001:db8::5"))
      try Until.holds { try LocalAddresses(reading: ProcFileSystem(view: .thread)).contains(added) }
      return (
        try LocalAddresses(reading: ProcFileSystem(view: .thread)),
        try LocalAddresses(reading: ProcFileSystem(view: .other(pid: namespace.thread)))
      )
    }
    #expect(asked.addresses == read.addresses)
    #expect(read.networks.isEmpty)
  }
}
