package import PortModel

/// A network namespace as people name it.
package struct NamespaceName: Sendable, Hashable {
  /// The name below `/run/netns` where there is one, else `host` for the one this program is in and the inode number for others.
  package let name: String
  /// `nil` where the link that tells it may not be read.
  package let id: NetworkNamespaceID?

  package init(name: String, id: NetworkNamespaceID?) {
    self.name = name
    self.id = id
  }

  /// `blue (net:[4026532301])`
  package var text: String {
    guard let id, name != "\(id.rawValue)" else { return id.map { "net:[\($0.rawValue)]" } ?? printable(name) }
    return "\(printable(name)) (net:[\(id.rawValue)])"
  }
}
