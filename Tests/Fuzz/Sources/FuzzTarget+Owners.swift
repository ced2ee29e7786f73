import KernelFormats
import PortModel

extension FuzzTarget {
  /// What tells of processes and their owners. Programs choose many of these bytes themselves.
  static let owners: [FuzzTarget] = [
    FuzzTarget(name: "process-status") { bytes in
      guard let status = Parsed({ () throws(FormatError) in try ProcessStatusFormat(bytes.span) }).value else { return }
      let more = Array("Name:\ta\n".utf8) + bytes
      require(Parsed { () throws(FormatError) in try ProcessStatusFormat(more.span) } == .value(status), "\(status) depends on other lines")
    },
    FuzzTarget(name: "cmdline") { bytes in
      let arguments = ProcessNameFormats.arguments(bytes.span)
      require(arguments.allSatisfy { !$0.utf8.contains(0) }, "an argument with a zero: \(arguments)")
      require(arguments.last?.isEmpty != true, "an empty argument at the end: \(arguments)")
      let again = Array(arguments.joined(separator: "\0").utf8)
      require(ProcessNameFormats.arguments(again.span) == arguments, "\(arguments) are not read as they are written")
      _ = ProcessNameFormats.command(bytes.span)
    },
    FuzzTarget(name: "control-group") { bytes in
      guard let group = Parsed({ () throws(FormatError) in try ControlGroupFormat(bytes.span) }).value else { return }
      require(group.path.utf8.first == UInt8(ascii: "/"), "no path: \(group)")
      let owner = ControlGroupOwner(path: group.path)
      require(owner.container == nil || owner.unit == nil, "a unit and a container: \(owner)")
      require(
        owner.container?.isEmpty != true && owner.unit?.isEmpty != true && owner.pod?.isEmpty != true, "a name without letters: \(owner)")
    },
    FuzzTarget(name: "link") { bytes in
      if let inode = LinkFormats.socketInode(bytes.span) {
        let again = Array("socket:[\(inode)]".utf8)
        require(LinkFormats.socketInode(again.span) == inode, "\(inode)")
      }
      if let space = LinkFormats.networkNamespace(bytes.span) {
        let again = Array("net:[\(space.rawValue)]".utf8)
        require(LinkFormats.networkNamespace(again.span) == space, "\(space)")
      }
    },
    FuzzTarget(name: "services") { bytes in
      for port: UInt16 in [0, 22, 80, 65535] {
        guard let service = ServicesFormat.service(bytes.span, port: port, .tcp) else { continue }
        require(!service.name.isEmpty && !service.name.utf8.contains { $0 <= 0x20 }, "\(service)")
        require(!service.comment.utf8.contains(0x0A), "\(service)")
      }
    },
    FuzzTarget(name: "passwd") { bytes in
      for (number, name) in PasswordFileFormat.names(bytes.span) {
        require(!name.isEmpty && !name.utf8.contains(UInt8(ascii: ":")), "\(number) is \"\(name)\"")
      }
    },
    FuzzTarget(name: "netstat") { bytes in
      let read = Parsed { () throws(FormatError) in try NetstatFormat.value(bytes.span, "TcpExt", "TW") }
      guard let value = read.value, let value else { return }
      let more = Array("IpExt: InNoRoutes\nIpExt: 5\n".utf8) + bytes
      require(Parsed { () throws(FormatError) in try NetstatFormat.value(more.span, "TcpExt", "TW") } == .value(value), "\(value)")
    },
    FuzzTarget(name: "conntrack-stat") { bytes in
      let read = Parsed { () throws(FormatError) in try ConntrackStatFormat(bytes.span) }
      if case .refused(let sentence) = read { require(!sentence.isEmpty, "an error without a sentence") }
    },
  ]
}
