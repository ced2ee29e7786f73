/// How the body of a push to a Pushgateway is coded. Remote write is always a snappy block.
package enum PushCompression: String, Sendable, Hashable, CaseIterable {
  case none, gzip
}
