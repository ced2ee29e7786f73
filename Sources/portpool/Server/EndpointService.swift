internal import Endpoint
internal import ServiceLifecycle
internal import UnixSignals

/// The server as a service: ends when the program is asked to, and reads its configuration anew at SIGHUP.
struct EndpointService: Service {
  let endpoint: Endpoint

  func run() async throws {
    try await withGracefulShutdownHandler {
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
          for await _ in await UnixSignalsSequence(trapping: .sighup) { endpoint.reload() }
        }
        try await endpoint.run()
        group.cancelAll()
      }
    } onGracefulShutdown: {
      endpoint.shutdown()
    }
  }
}
