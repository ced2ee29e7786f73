/// What a push speaks.
package enum PushFormat: String, Sendable, Hashable, CaseIterable {
  /// Text 0.0.4 to a Pushgateway. Prometheus: <https://github.com/prometheus/pushgateway>.
  case pushgateway
  /// Remote write 1.0 to Prometheus or what takes its place. Prometheus: <https://prometheus.io/docs/specs/prw/remote_write_spec/>.
  case remoteWrite = "remote-write"
}
