import PortModel
import Scraper
import Testing

@Suite("What connections said of timestamps")
struct TimestampMemoryTests {
  private let start = ContinuousClock.now

  private func tuple(_ port: Port) -> Tuple { Tuple(source: .anyIPv4, destination: .anyIPv4, destinationPort: port) }

  @Test("an answer is kept for ten minutes, and of its tuple alone")
  func kept() {
    for answer in [true, false] {
      var memory = TimestampMemory()
      memory.note(answer, of: tuple(443), at: start)
      #expect(memory.answer(for: tuple(443), at: start + .seconds(599)) == answer)
      #expect(memory.answer(for: tuple(443), at: start + .seconds(600)) == nil)
      #expect(memory.answer(for: tuple(80), at: start) == nil)
    }
  }

  @Test("behind one address, a host without timestamps outweighs others that use them, for ten minutes")
  func mixed() {
    var memory = TimestampMemory()
    memory.note(true, of: tuple(443), at: start)
    memory.note(false, of: tuple(443), at: start + .seconds(1))
    memory.note(true, of: tuple(443), at: start + .seconds(590))
    #expect(memory.answer(for: tuple(443), at: start + .seconds(600)) == false)
    memory.note(true, of: tuple(443), at: start + .seconds(601))
    #expect(memory.answer(for: tuple(443), at: start + .seconds(602)) == true)
  }

  @Test("of more tuples than are kept the oldest answers go")
  func many() {
    var memory = TimestampMemory()
    for port in 1...100 { memory.note(true, of: tuple(Port(port)), at: start + .seconds(port)) }
    let known = (1...100).filter { memory.answer(for: tuple(Port($0)), at: start + .seconds(100)) == true }
    #expect(known == Array((101 - TimestampMemory.capacity)...100))
  }
}
