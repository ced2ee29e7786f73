/// What a process begins once, while it has the rights for that, or why it could not.
struct BegunOnce<Value: ~Copyable>: ~Copyable {
  private(set) var value: Value?
  private(set) var reason: String?

  mutating func begin(_ make: () throws(ReadError) -> Value) {
    guard value == nil, reason == nil else { return }
    do throws(ReadError) { value = try make() } catch { reason = "\(error)" }
  }

  /// Why there is no value.
  var refusal: ReadError { .refused(reason ?? "") }
}
