import PortModel
import Testing

@Suite("Reuse of TIME_WAIT")
struct TimeWaitReuseTests {
  private static func timeWait(_ local: String, _ remote: String, remaining: UInt32) -> SocketRecord {
    SocketRecord(
      transport: .tcp, state: .timeWait, local: IPAddress(local) ?? .anyIPv4, localPort: 40000, remote: IPAddress(remote) ?? .anyIPv4,
      remotePort: 443, timeWaitRemaining: remaining)
  }

  @Test(
    "the mode decides between whom a port is reused",
    arguments: [
      (.never, "127.0.0.1", "127.0.0.1", false),
      (.never, "192.0.2.10", "198.51.100.7", false),
      (.always, "127.0.0.1", "127.0.0.1", true),
      (.always, "192.0.2.10", "198.51.100.7", true),
      (.always, "2001:db8::5", "2001:db8:1::9", true),
      (.loopbackOnly, "127.0.0.1", "127.0.0.1", true),
      (.loopbackOnly, "::1", "::1", true),
      (.loopbackOnly, "::ffff:127.0.0.1", "::ffff:127.0.0.2", true),
      (.loopbackOnly, "127.0.0.1", "192.0.2.10", true),
      (.loopbackOnly, "192.0.2.10", "127.0.0.1", true),
      (.loopbackOnly, "192.0.2.10", "198.51.100.7", false),
      (.loopbackOnly, "2001:db8::5", "2001:db8:1::9", false),
      (TimeWaitReuse.Mode(rawValue: 3), "127.0.0.1", "127.0.0.1", false),
    ] as [(TimeWaitReuse.Mode, String, String, Bool)])
  func modes(_ mode: TimeWaitReuse.Mode, local: String, remote: String, isReusable: Bool) {
    let old = Self.timeWait(local, remote, remaining: 1)
    #expect(TimeWaitReuse(mode: mode).allows(old) == isReusable)
    #expect(!TimeWaitReuse(mode: mode, hasTimestamps: false).allows(old))
  }

  @Test("between other addresses mode 2 reuses the port of a socket that is bound to lo, and of no other device")
  func device() {
    var record = Self.timeWait("192.0.2.10", "192.0.2.10", remaining: 1)
    let reuse = TimeWaitReuse(mode: .loopbackOnly)
    record.device = 1
    #expect(reuse.allows(record) && !TimeWaitReuse(mode: .never).allows(record))
    record.device = 2
    #expect(!reuse.allows(record))
  }

  private static func abilities(_ ability: KernelAbility, _ isPresent: Bool) -> KernelAbilities {
    var abilities = KernelAbilities()
    abilities[ability] = isPresent
    return abilities
  }

  @Test(
    "a kernel that counts whole seconds reuses what is from a second before, however short ago, and nothing else",
    arguments: [(59_970, 30, false), (59_969, 30, true), (59_001, 999, false), (59_000, 999, true), (58_000, 0, true)]
      as [(UInt32, UInt32, Bool)])
  func wholeSeconds(remaining: UInt32, millisecondOfSecond: UInt32, isReusable: Bool) {
    let record = Self.timeWait("127.0.0.1", "127.0.0.1", remaining: remaining)
    let reuse = TimeWaitReuse(mode: .always).on(Self.abilities(.countsMilliseconds, false), millisecondOfSecond: millisecondOfSecond)
    #expect(reuse.allows(record) == isReusable)
  }

  @Test("a kernel that counts milliseconds, and one of which nothing is known, keeps to the delay", arguments: [true, nil])
  func milliseconds(isPresent: Bool?) {
    var abilities = KernelAbilities()
    abilities[.countsMilliseconds] = isPresent
    let reuse = TimeWaitReuse(mode: .always).on(abilities, millisecondOfSecond: 30)
    #expect(!reuse.allows(Self.timeWait("127.0.0.1", "127.0.0.1", remaining: 59_500)))
    #expect(reuse.allows(Self.timeWait("127.0.0.1", "127.0.0.1", remaining: 58_999)))
  }

  @Test("FIN_WAIT2 without an owner is reused by kernels that do so, and one with an owner by none")
  func finWait2() {
    var record = Self.timeWait("127.0.0.1", "127.0.0.1", remaining: 58_000)
    record.state = .finWait2
    let reuse = TimeWaitReuse(mode: .always)
    #expect(!reuse.allows(record) && !reuse.on(Self.abilities(.reusesFinWait2, false), millisecondOfSecond: 0).allows(record))
    let other = reuse.on(Self.abilities(.reusesFinWait2, true), millisecondOfSecond: 0)
    #expect(other.allows(record))
    record.timeWaitRemaining = 0
    #expect(!other.allows(record))
  }

  @Test(
    "a port is reusable when its TIME_WAIT is older than the delay, not at it",
    arguments: [
      (1000, 60_000, false), (1000, 59_001, false), (1000, 59_000, false), (1000, 58_999, true), (1000, 0, true),
      (0, 60_000, false), (0, 59_999, true),
      (1, 59_999, false), (1, 59_998, true),
      (30_000, 30_000, false), (30_000, 29_999, true),
      (59_999, 1, false), (59_999, 0, true),
      (60_000, 0, false), (4_294_967_295, 0, false),
    ] as [(UInt32, UInt32, Bool)])
  func delay(delay: UInt32, remaining: UInt32, isReusable: Bool) {
    let record = Self.timeWait("127.0.0.1", "127.0.0.1", remaining: remaining)
    #expect(TimeWaitReuse(mode: .loopbackOnly, delay: delay).allows(record) == isReusable)
  }

  @Test("a timer that was set back to more than a minute is not old")
  func longer() {
    #expect(!TimeWaitReuse(mode: .always).allows(Self.timeWait("127.0.0.1", "127.0.0.1", remaining: 120_000)))
  }
}
