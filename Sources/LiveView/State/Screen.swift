internal import PortModel

/// What the body shows.
package enum Screen: Int, Sendable, Hashable, CaseIterable {
  case overview = 1
  case tuples
  case ports
  case owners
  case namespaces

  var title: String {
    switch self {
    case .overview: "overview"
    case .tuples: "tuples"
    case .ports: "ports"
    case .owners: "owners"
    case .namespaces: "namespaces"
    }
  }
}
