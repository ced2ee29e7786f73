import PortModel
import Testing

@Suite("Port ranges")
struct PortRangeTests {
  @Test(
    "both ends belong to a range",
    arguments: [(32768, 60999, 28232), (0, 65535, 65536), (10097, 10097, 1), (65535, 65535, 1)] as [(Port, Port, Int)])
  func count(first: Port, last: Port, count: Int) throws {
    let range = try #require(PortRange(first: first, last: last))
    #expect(range.count == count)
    #expect(range.contains(first))
    #expect(range.contains(last))
    #expect(first == 0 || !range.contains(first - 1))
    #expect(last == .max || !range.contains(last + 1))
  }

  @Test("a range that ends before it begins is none")
  func reversed() {
    #expect(PortRange(first: 60999, last: 32768) == nil)
    #expect(PortRange(first: 1, last: 0) == nil)
  }

  @Test("a range is written with a dash, a single port without")
  func text() {
    #expect(PortRange.linuxDefault.description == "32768-60999")
    #expect(PortRange(first: 10097, last: 10097)?.description == "10097")
  }

  @Test("reserved ports outside the range take nothing from the pool")
  func reserved() throws {
    let range = try #require(PortRange(first: 40000, last: 40099))
    var reserved: PortSet = [1000, 39999, 40000, 40099, 40100, 50000]
    reserved.insert(try #require(PortRange(first: 40010, last: 40019)))
    let settings = PoolSettings(range: range, reserved: reserved)
    #expect(settings.reservedInRange == 12)
    #expect(settings.pool.count == 88)
    #expect(settings.pool.ranges.map(\.description) == ["40001-40009", "40020-40098"])
  }
}
