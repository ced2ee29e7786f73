package import PortModel
internal import Scraper

/// A network namespace as people name it.
package struct NamespaceName: Sendable, Hashable {
  /// The name below `/run/netns` where there is one, else `host` for the one this program is in and the inode number for others, and for its own
  /// where process 1 is known to be in another one.
  package let name: String
  /// `nil` where the link that says so may not be read.
  package let id: NetworkNamespaceID?
  /// What `nsenter --net=` takes, `/run/netns/blue`; `nil` for the one this program is in when it has no name.
  package let path: String?
  /// Process 1 is in it, as far as is known, so that the files below `/etc` are about it.
  package let isHost: Bool

  package init(name: String, id: NetworkNamespaceID?, path: String? = nil, isHost: Bool? = nil) {
    self.name = name
    self.id = id
    self.path = path
    self.isHost = isHost ?? (path == nil)
  }

  /// `blue`, `net:[4026532301]`
  package var title: String { id.map { name == "\($0.rawValue)" ? text : name } ?? name }

  /// `blue (net:[4026532301])`
  package var text: String {
    guard let id, name != "\(id.rawValue)" else { return id.map { "net:[\($0.rawValue)]" } ?? name }
    return "\(name) (net:[\(id.rawValue)])"
  }

  /// That this is not the host's namespace, for those who may have meant that one; `nil` for a namespace with a path, which somebody named.
  var remark: String? {
    isHost || path != nil ? nil : "this is not the network namespace of process 1; \(OwnNamespace.remedy)"
  }
}
