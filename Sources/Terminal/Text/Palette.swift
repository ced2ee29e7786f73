internal import PortModel

/// Styles as SGR sequences of ECMA-48.
package enum Palette {
  /// The parameters of `ESC [ … m`, such as `1;38;5;167`; empty for plain text.
  package static func parameters(_ style: Style, _ colors: Look.Colors) -> String {
    let front: String
    switch colors {
    case .none: front = attributes(style.role)
    case .sixteen: front = sixteen(style.role)
    case .all: front = all(style.role)
    }
    guard let ground = style.ground, colors != .none else { return front }
    return front + ";" + (colors == .all ? "48;5;\(cell(ground))" : background(ground))
  }

  private static func attributes(_ role: Style.Role) -> String {
    switch role {
    case .strong, .heading, .critical: "1"
    case .dim: "2"
    default: ""
    }
  }

  private static func sixteen(_ role: Style.Role) -> String {
    switch role {
    case .text: ""
    case .dim: "2"
    case .strong: "1"
    case .heading: "1;36"
    case .good: "32"
    case .warning: "33"
    case .critical: "1;31"
    case .ports(let use, let level): "\((level == 3 ? 90 : 30) + basic(use))"
    }
  }

  private static func background(_ role: Style.Role) -> String {
    guard case .ports(let use, let level) = role else { return "49" }
    return "\((level == 3 ? 100 : 40) + basic(use))"
  }

  private static func all(_ role: Style.Role) -> String {
    switch role {
    case .text: ""
    case .dim: "38;5;245"
    case .strong: "1"
    case .heading: "1;38;5;73"
    case .good: "38;5;72"
    case .warning: "38;5;179"
    case .critical: "1;38;5;167"
    case .ports: "38;5;\(cell(role))"
    }
  }

  /// Of the eight colours of ECMA-48.
  private static func basic(_ use: PortUse) -> Int {
    switch use {
    case .listener: 2
    case .bound: 3
    case .local: 6
    case .client: 4
    case .closing: 5
    case .free, .reserved: 7
    }
  }

  /// Of the 256 colours: darker where fewer of the ports are in use.
  private static func cell(_ role: Style.Role) -> Int {
    guard case .ports(let use, let level) = role else { return 236 }
    let ramp =
      switch use {
      case .listener: [29, 35, 78]
      case .bound: [94, 136, 179]
      case .local: [23, 30, 80]
      case .client: [24, 31, 75]
      case .closing: [60, 97, 140]
      case .free, .reserved: [238, 238, 238]
      }
    return ramp[max(0, min(2, level - 1))]
  }
}
