internal import PortModel

extension Dictionary where Key == NetworkNamespaceID? {
  /// Forgets what is kept of any namespace but these and the scraper's own, `nil`.
  mutating func retain(_ namespaces: Set<NetworkNamespaceID>) {
    self = filter { id, _ in id.map(namespaces.contains) ?? true }
  }
}
