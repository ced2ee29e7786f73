package import PortModel

/// What a piece of text means; how it looks is up to the ``Palette``.
package struct Style: Sendable, Hashable {
  package let role: Role
  /// What the lower half of a `▀` means; the upper half is ``role``.
  package let ground: Role?

  package init(_ role: Role, ground: Role? = nil) {
    self.role = role
    self.ground = ground
  }

  package static let text = Style(.text)

  /// Roles of text, and of cells of the port map.
  package enum Role: Sendable, Hashable {
    case text, dim, strong, heading, good, warning, critical
    /// What the ports of a cell are, and how many of them: level 1 to 3.
    case ports(PortUse, level: Int)

    /// How full a pool is.
    package init(_ level: PressureLevel) {
      switch level {
      case .ok: self = .good
      case .warning: self = .warning
      case .critical, .exhausted: self = .critical
      }
    }
  }
}
