internal import Glibc

/// Programs that the kernel runs whenever what they follow happens, for as long as this lives.
struct BPFLinks: ~Copyable {
  /// Descriptors that keep the programs attached.
  private let descriptors: [Int32]

  /// Attaches the programs of these names, in this order: all or none.
  init(_ object: borrowing BPFObject, _ names: [String]) throws(ReadError) {
    var descriptors: [Int32] = []
    do throws(ReadError) {
      for name in names { descriptors.append(try object.program(name).attach().take()) }
    } catch {
      for descriptor in descriptors { close(descriptor) }
      throw error
    }
    self.descriptors = descriptors
  }

  deinit {
    for descriptor in descriptors { close(descriptor) }
  }
}

/// What a process begins once, while it has the rights for that, or why it could not.
struct BegunOnce<Value: ~Copyable>: ~Copyable {
  private(set) var value: Value?
  private(set) var reason: String?

  mutating func begin(_ make: () throws(ReadError) -> Value) {
    guard value == nil, reason == nil else { return }
    do throws(ReadError) { value = try make() } catch { reason = "\(error)" }
  }
}
