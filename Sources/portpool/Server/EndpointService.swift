internal import Endpoint
internal import ServiceLifecycle

/// The server as a service: ends when the program is asked to.
struct EndpointService: Service {
  let endpoint: Endpoint

  func run() async throws {
    try await withGracefulShutdownHandler {
      try await endpoint.run()
    } onGracefulShutdown: {
      endpoint.shutdown()
    }
  }
}
