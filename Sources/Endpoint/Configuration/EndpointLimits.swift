/// How much one client, and all of them together, may take.
///
/// A scraper that follows the protocol meets none of these.
package struct EndpointLimits: Sendable, Hashable {
  /// Open connections over all listeners; further ones wait in the kernel's accept queue.
  package var connections = 256
  /// Bytes of one header field, name and value.
  package var headerFieldBytes = 8 << 10
  /// Bytes of all header fields of a request, the request line included.
  package var headerBytes = 32 << 10
  /// Header fields of a request.
  package var headerFields = 100
  /// Bytes of a request body. No path here wants one; a small one is read and dropped so that the connection lives.
  package var bodyBytes = 64 << 10
  /// Requests that a client may send ahead of the answer it waits for.
  package var pipelinedRequests = 16
  /// From the first byte of a request, or from the start of a connection, to the end of the header.
  package var headerTimeout = Duration.seconds(10)
  /// From the end of the header to the end of the body.
  package var bodyTimeout = Duration.seconds(10)
  /// From the accepted connection to the end of the TLS handshake.
  package var handshakeTimeout = Duration.seconds(10)
  /// From the start of a response until the kernel has taken its last byte.
  package var responseTimeout = Duration.seconds(30)
  /// How long a connection may stay open between requests. Prometheus closes its own after five minutes.
  package var idleTimeout = Duration.seconds(330)
  /// How long running requests may go on after a shutdown was asked for.
  package var drainTimeout = Duration.seconds(10)

  /// The limits above.
  package init() {}
}
