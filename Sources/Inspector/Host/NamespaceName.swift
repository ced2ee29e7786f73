package import PortModel

/// A network namespace as people name it.
package struct NamespaceName: Sendable, Hashable {
  /// The name below `/run/netns` where there is one, else `host` for the one this program is in and the inode number for others.
  package let name: String
  /// `nil` where the link that says so may not be read.
  package let id: NetworkNamespaceID?
  /// What `nsenter --net=` takes, `/run/netns/blue`; `nil` for the one this program is in when it has no name.
  package let path: String?

  package init(name: String, id: NetworkNamespaceID?, path: String? = nil) {
    self.name = name
    self.id = id
    self.path = path
  }

  /// `blue (net:[4026532301])`
  package var text: String {
    guard let id, name != "\(id.rawValue)" else { return id.map { "net:[\($0.rawValue)]" } ?? name }
    return "\(name) (net:[\(id.rawValue)])"
  }
}
