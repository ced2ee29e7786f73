internal import Endpoint
internal import ServiceLifecycle
internal import UnixSignals

/// The signals of a server: SIGTERM and SIGINT end it, SIGHUP reloads its configuration. signal(7)
///
/// They are caught from the moment this exists to the end of the program, so that none of them ends it by itself: not while it starts, and
/// no second one while it stops.
struct ServerSignals {
  private let caught: UnixSignalsSequence

  /// Catches them; they wait until ``handle(_:endpoint:)``.
  init() async {
    caught = await UnixSignalsSequence(trapping: .sigterm, .sigint, .sighup)
  }

  /// Does what the signals ask for, those that were caught so far first.
  func handle(_ group: ServiceGroup, endpoint: Endpoint) {
    Task {
      for await signal in caught {
        switch signal {
        case .sighup: endpoint.reload()
        default: await group.triggerGracefulShutdown()
        }
      }
    }
  }
}
