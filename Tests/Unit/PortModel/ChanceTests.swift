import PortModel
import Testing

@Suite("A chance as text")
struct ChanceTests {
  @Test(
    "it has hundredths of a percent while it is small, and is nothing or certain only if it is",
    arguments: [
      (0, "0%"), (0.00001, "<0.01%"), (0.0001, "0.01%"), (0.001, "0.1%"), (0.0182, "1.82%"), (0.05, "5%"), (0.1681, "17%"),
      (0.99999, "99%"), (1, "100%"), (-1, "0%"),
    ] as [(Double, String)])
  func text(chance: Double, expected: String) {
    #expect(Snat.text(chance: chance) == expected)
  }
}
