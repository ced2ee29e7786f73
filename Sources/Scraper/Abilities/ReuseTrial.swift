internal import Kernel
internal import PortModel

/// Tries what connect() does with a port whose only socket is closing: two connections on loopback, for a good second.
///
/// It takes place in a network namespace of its own where that is allowed (CAP_SYS_ADMIN), so that the host's pool is not touched. Elsewhere two
/// ports of the pool are taken for that long, and only a kernel with `IP_LOCAL_PORT_RANGE` can be told which port to give. What is tried leaves no
/// socket behind.
struct ReuseTrial {
  /// connect() takes over a FIN_WAIT2 without an owner.
  private(set) var reusesFinWait2: Bool?
  /// A TIME_WAIT of less than a second is never taken over.
  private(set) var countsMilliseconds: Bool?

  /// Runs the trial on a thread of its own. What could not be tried stays `nil`.
  ///
  /// - Parameter proc: whose settings decide whether anything is reused, where there is no namespace of its own.
  init(_ proc: ProcFileSystem) {
    let found = try? NamespaceThread.run { thread -> Found in
      RefusalCounter.exceptThisThread()
      let inside = ProcFileSystem(root: proc.root, view: .thread)
      let isAlone = (try? thread.makeNetwork()) != nil
      return (try? Self.run(inside, isAlone: isAlone)) ?? Found()
    }
    reusesFinWait2 = found?.reusesFinWait2
    countsMilliseconds = found?.countsMilliseconds
  }

  private struct Found {
    var reusesFinWait2: Bool?
    var countsMilliseconds: Bool?
  }

  private static func run(_ proc: ProcFileSystem, isAlone: Bool) throws -> Found {
    let settings = try PoolSettings(reading: proc).timeWaitReuse
    // Where nothing is reused, nothing can be seen; nor how a second is counted where less than one is enough.
    guard settings.hasTimestamps, settings.mode == .always || settings.mode == .loopbackOnly, settings.delay == 1000 else { return Found() }
    let canNarrow = LoopbackSocket.canNarrow
    guard canNarrow || isAlone else { return Found() }
    /// Whether the kernel gives `source`, and no other port, to a connection to `destination`. That nobody listens there is found out with it.
    func isGiven(_ source: UInt16, to destination: UInt16) throws(SystemCallError) -> Bool {
      if !canNarrow { try Sysctl.write("\(source) \(source)", to: proc.sysctl("ip_local_port_range")) }
      do {
        _ = try LoopbackSocket.connecting(to: destination, from: canNarrow ? source : nil)
        return true
      } catch {
        guard error.isAddressNotAvailable || error.isConnectionRefused else { throw error }
        return error.isConnectionRefused
      }
    }

    let listener = try LoopbackSocket.listening()
    let half = try LoopbackSocket.connecting(to: listener.port)
    let halfPeer = try listener.accepted()
    let whole = try LoopbackSocket.connecting(to: listener.port)
    let wholePeer = try listener.accepted()
    let (destination, halfPort, wholePort) = (listener.port, half.port, whole.port)
    _ = consume listener

    // FIN_WAIT2: the peer keeps its end. TIME_WAIT late in a second of the clock, so that the next one begins soon.
    half.finish()
    MonotonicClock.sleep(untilMillisecond: 650)
    let start = ContinuousClock.now
    whole.finish()
    Pause.sleep(.milliseconds(20))
    wholePeer.finish()
    MonotonicClock.sleep(untilMillisecond: 150)
    var found = Found()
    let isGivenEarly = try isGiven(wholePort, to: destination)
    let isInTime = ContinuousClock.now - start < .milliseconds(900)
    Pause.sleep(.milliseconds(1_300) - min(ContinuousClock.now - start, .milliseconds(1_300)))
    // Both ports are there for anyone else, and what is old enough is taken over: only then the answers mean something.
    guard try isGiven(halfPort, to: 1), try isGiven(wholePort, to: 1) else { return found }
    let isGivenLate = try isGivenEarly || isGiven(wholePort, to: destination)
    guard isGivenLate else { return found }
    if isInTime { found.countsMilliseconds = !isGivenEarly }
    found.reusesFinWait2 = try isGiven(halfPort, to: destination)
    withExtendedLifetime(halfPeer) {}
    return found
  }
}
