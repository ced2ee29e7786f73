import Push
import Testing

@Suite("The snappy block format")
struct SnappyBlockTests {
  @Test("repetition is packed, and everything unpacks to what it was", arguments: 0..<60)
  func roundTrip(_ seed: Int) throws {
    var generator = SystemRandomNumberGenerator()
    let alphabet = Array("abcdefghijklmnop{}=\"".utf8.prefix(1 + seed % 20))
    let count = [0, 1, 3, 4, 5, 59, 60, 61, 62, 255, 256, 257, 65_535, 65_536, 65_537, 200_000][seed % 16]
    let input = (0..<count).map { _ in alphabet.randomElement(using: &generator) ?? 0 }
    #expect(try SnappyReader.unpacked(SnappyBlock.compressed(input)) == input)
  }

  @Test("text of metrics comes out at less than a fifth")
  func ratio() throws {
    let lines = (0..<2_000).map { "portpool_sockets{netns=\"host\",protocol=\"tcp\",family=\"ipv4\",state=\"established\"} \($0 * 7)\n" }
    let input = Array(lines.joined().utf8)
    let packed = SnappyBlock.compressed(input)
    #expect(packed.count * 5 < input.count)
    #expect(try SnappyReader.unpacked(packed) == input)
  }

  @Test("bytes without repetition grow by little")
  func random() throws {
    let input = (0..<100_000).map { _ in UInt8.random(in: 0...255) }
    let packed = SnappyBlock.compressed(input)
    #expect(packed.count < input.count + input.count / 60 + 16)
    #expect(try SnappyReader.unpacked(packed) == input)
  }
}
