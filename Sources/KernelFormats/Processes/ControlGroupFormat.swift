/// The control group of a process, from `/proc/PID/cgroup`.
///
/// ```
/// 0::/system.slice/nginx.service
/// 4:memory:/docker/4f1a2b3c…
/// ```
/// One line for each hierarchy: its number, the controllers of version 1, and the path. Version 2 is number 0 and has no controllers.
///
/// Kernel: `proc_cgroup_show` in `kernel/cgroup/cgroup.c`. Manual page: `cgroups(7)`.
package struct ControlGroupFormat: Sendable, Hashable {
  /// The path that a service manager or container runtime gave the process: systemd's own hierarchy, else version 2, else the longest path of any
  /// other. `/` when the process is in none.
  package let path: String

  /// - Throws: a line that is not of the documented form.
  package init(_ bytes: borrowing Span<UInt8>) throws(FormatError) {
    var (named, unified, other) = ("", "", "")
    var lines = LineCursor()
    while let line = lines.next(in: bytes) {
      var index = line.start
      guard bytes.decimal(&index) != nil, index < line.end, bytes[index] == UInt8(ascii: ":") else {
        throw FormatError(bytes, at: line.start, in: line, field: "hierarchy", expected: "a number and a colon")
      }
      let controllers = index + 1
      index = controllers
      while index < line.end, bytes[index] != UInt8(ascii: ":") { index += 1 }
      guard index + 1 < line.end, bytes[index + 1] == UInt8(ascii: "/") else {
        throw FormatError(bytes, at: index, in: line, field: "path", expected: "a colon and a path")
      }
      let path = bytes.text(index + 1..<line.end)
      if bytes.hasPrefix("name=systemd:", at: controllers) {
        named = path
      } else if controllers == index {
        unified = path
      } else if path.utf8.count > other.utf8.count {
        other = path
      }
    }
    // A runtime that uses version 1 alone leaves the others at their root.
    self.path = [named, unified, other].first { $0.utf8.count > 1 } ?? "/"
  }
}

/// Who a control group belongs to, read from the names that systemd, container runtimes and Kubernetes give.
///
/// ```
/// /system.slice/nginx.service
/// /system.slice/docker-4f1a….scope
/// /kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod2c48913c_b29f_11e7_9350_020968147796.slice/cri-containerd-9ec7….scope
/// /kubepods/burstable/pod2c48913c-b29f-11e7-9350-020968147796/9ec7…
/// ```
package struct ControlGroupOwner: Sendable, Hashable {
  /// The systemd unit: `nginx.service`, `session-2.scope`. `nil` inside a container, whose scope says nothing more than its number.
  package let unit: String?
  /// The container's number, 64 hexadecimal digits, or its name where the runtime uses names (`lxc`).
  package let container: String?
  /// What runs the container, if the path tells: `docker`, `cri-containerd`, `crio`, `libpod`, `lxc`.
  package let runtime: String?
  /// The Kubernetes pod's UID: `2c48913c-b29f-11e7-9350-020968147796`.
  package let pod: String?

  /// Reads a control group's path. Every path is valid: one that names nobody has no owner.
  package init(path: String) {
    var (unit, container, runtime, pod): (String?, String?, String?, String?) = (nil, nil, nil, nil)
    // containerd without systemd writes a slice, its own name and the container's number into one: `kubepods-pod….slice:cri-containerd:9ec7…`.
    let parts = path.split(separator: "/").flatMap { part in
      let pieces = part.split(separator: ":", omittingEmptySubsequences: false)
      return pieces.count == 3 && Self.isContainerNumber(pieces[2]) ? pieces : [part]
    }
    for (index, part) in parts.enumerated() {
      let name = Self.withoutSuffix(part)
      if let found = Self.podNumber(name) {
        pod = found
      } else if let dash = name.lastIndex(of: "-"), dash > name.startIndex, Self.isContainerNumber(name[name.index(after: dash)...]) {
        (container, runtime) = (String(name[name.index(after: dash)...]), String(name[..<dash]))
      } else if Self.isContainerNumber(name) {
        container = String(name)
        if index > 0, ["docker", "cri-containerd", "crio"].contains(parts[index - 1]) { runtime = String(parts[index - 1]) }
      } else if index > 0, parts[index - 1] == "lxc" || parts[index - 1] == "lxc.payload" {
        (container, runtime) = (String(part), "lxc")
      } else if part.hasPrefix("lxc.payload."), part != "lxc.payload." {
        (container, runtime) = (String(part.dropFirst("lxc.payload.".count)), "lxc")
      } else if part.hasSuffix(".service") || part.hasSuffix(".scope") || part.hasSuffix(".socket") {
        unit = String(part)
      }
    }
    self.unit = container == nil ? unit : nil
    self.container = container
    self.runtime = runtime
    self.pod = pod
  }

  private static func withoutSuffix(_ part: Substring) -> Substring {
    for suffix in [".scope", ".slice", ".service"] where part.hasSuffix(suffix) { return part.dropLast(suffix.count) }
    return part
  }

  private static func isContainerNumber(_ text: Substring) -> Bool {
    text.utf8.count == 64 && text.utf8.allSatisfy { hexadecimalDigit($0) != nil }
  }

  /// `kubepods-burstable-pod2c48913c_b29f_11e7_9350_020968147796` and `pod2c48913c-b29f-…`; a static pod's UID is 32 digits without dashes.
  private static func podNumber(_ name: Substring) -> String? {
    let marker = name.hasPrefix("pod") ? name.dropFirst(3) : name.range(ofLast: "-pod").map { name[$0...] } ?? ""
    let digits = marker.filter { $0 != "-" && $0 != "_" }
    guard digits.utf8.count == 32, digits.utf8.allSatisfy({ hexadecimalDigit($0) != nil }) else { return nil }
    return String(marker.map { $0 == "_" ? "-" : $0 })
  }
}

extension Substring {
  /// The place behind the last `text`.
  fileprivate func range(ofLast text: String) -> Index? {
    var place = endIndex
    while place > startIndex {
      place = index(before: place)
      if self[place...].hasPrefix(text) { return index(place, offsetBy: text.count) }
    }
    return nil
  }
}
