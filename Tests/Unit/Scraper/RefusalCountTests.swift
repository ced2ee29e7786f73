import Kernel
import PortModel
import Testing

@Suite("Refused ports that are remembered")
struct RefusalCountTests {
  private func namespace(_ id: UInt64, cookie: UInt64 = 1) -> RefusalCounts.Namespace {
    RefusalCounts.Namespace(id: NetworkNamespaceID(rawValue: id), cookie: cookie)
  }

  private func refused(_ namespace: RefusalCounts.Namespace, _ port: Port) -> RefusalCounts.Case {
    RefusalCounts.Case(
      namespace: namespace, kind: .connect, tuple: Tuple(source: .loopbackIPv4, destination: .loopbackIPv4, destinationPort: port),
      program: "curl")
  }

  @Test("the same of two tables is added up, with the later time")
  func union() {
    var (one, other) = (RefusalCounts(), RefusalCounts())
    one.add(Refusals.Counts([.connect: 3]), last: 7, in: namespace(1))
    one.add(3, last: 7, of: refused(namespace(1), 80))
    other.add(Refusals.Counts([.connect: 2, .udp: 1]), last: 5, in: namespace(1))
    other.add(2, last: 9, of: refused(namespace(1), 80))
    one.formUnion(other)
    #expect(one.namespaces[namespace(1)] == .init(counts: Refusals.Counts([.connect: 5, .udp: 1]), last: 7))
    #expect(one.cases[refused(namespace(1), 80)] == .init(count: 5, last: 9))
  }

  @Test("what happened last is kept, and with a namespace its cases go")
  func limits() {
    var counts = RefusalCounts()
    for id in 1...5 as ClosedRange<UInt64> {
      counts.add(Refusals.Counts([.connect: 1]), last: id, in: namespace(id))
      for port in 1...3 as ClosedRange<Port> { counts.add(1, last: id * 10 + UInt64(port), of: refused(namespace(id), port)) }
    }
    counts.forget(namespacesBeyond: 2, casesBeyond: 4)
    #expect(Set(counts.namespaces.keys) == [namespace(4), namespace(5)])
    #expect(counts.cases.values.map(\.last).sorted() == [43, 51, 52, 53])
  }

  @Test("of namespaces with one number only the latest is there: the others have ended")
  func reused() {
    var counts = RefusalCounts()
    counts.add(Refusals.Counts([.bind: 8]), last: 3, in: namespace(1, cookie: 20))
    counts.add(Refusals.Counts([.bind: 1]), last: 4, in: namespace(1, cookie: 30))
    counts.forget(namespacesBeyond: 10, casesBeyond: 10)
    #expect(counts.namespaces.map(\.key) == [namespace(1, cookie: 30)])
  }
}
