import Glibc

/// One parser, and what must hold for whatever bytes it is given. That it neither crashes nor hangs holds for all.
struct FuzzTarget: Sendable {
  /// The name of its folder in `Corpus`.
  let name: String
  /// Traps when something does not hold.
  let check: @Sendable (_ bytes: [UInt8]) -> Void

  /// Every target, by name.
  static let all: [FuzzTarget] =
    socketTables + netlink + netfilter + sysctls + addresses + process + owners + headers + expositions + web + requests + push + terminal
    + hosts
}

/// Ends the program with a sentence when `condition` does not hold; libFuzzer then keeps the input.
func require(_ condition: Bool, _ message: @autoclosure () -> String) {
  if !condition { fail(message()) }
}

/// Ends the program with a sentence; libFuzzer then keeps the input.
func fail(_ message: String) -> Never {
  print("fuzz: does not hold:", message)
  fflush(nil)
  abort()
}

/// What a parser made of its input: a value, or the error's sentence.
enum Parsed<Value: Equatable>: Equatable {
  case value(Value)
  case refused(String)

  init<Failure: Error>(_ parse: () throws(Failure) -> Value) {
    do throws(Failure) {
      self = .value(try parse())
    } catch {
      self = .refused("\(error)")
    }
  }

  var value: Value? {
    if case .value(let value) = self { value } else { nil }
  }
}
