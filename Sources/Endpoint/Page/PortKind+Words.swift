extension PortKind {
  /// The name in the legend, which is also the class in the style sheet.
  var name: String {
    switch self {
    case .free: "free"
    case .client: "client"
    case .local: "local"
    case .listener: "listener"
    case .bound: "bound"
    case .closing: "closing"
    case .reserved: "reserved"
    }
  }

  /// What the name means, in a few words.
  var note: String {
    switch self {
    case .free: "can be given out"
    case .client: "outgoing connections"
    case .local: "both ends on this host"
    case .listener: "waits for connections"
    case .bound: "bound, not connected"
    case .closing: "TIME_WAIT and the like"
    case .reserved: "never given out"
    }
  }
}
