import KernelFormats
import Testing

@Suite("Control groups")
struct ControlGroupFormatTests {
  static let number = String(repeating: "4f1a", count: 16)
  static let pod = "2c48913c-b29f-11e7-9350-020968147796"
  static let podUnderscored = "2c48913c_b29f_11e7_9350_020968147796"

  @Test(
    "the path of a service manager is chosen among the hierarchies",
    arguments: [
      ("0::/system.slice/nginx.service\n", "/system.slice/nginx.service"),
      ("9:name=systemd:/system.slice/a.service\n4:memory:/system.slice/a.service/deeper\n0::/\n", "/system.slice/a.service"),
      ("4:memory:/docker/abc\n1:name=systemd:/\n0::/\n", "/docker/abc"), ("5:cpu,cpuacct:/a\n4:memory:/a/b\n", "/a/b"),
      ("0::/\n", "/"), ("", "/"), ("0::/a:b\n", "/a:b"), ("0::/no line feed", "/no line feed"),
    ])
  func path(text: String, path: String) throws {
    #expect(try ControlGroupFormat(Array(text.utf8).span).path == path)
  }

  @Test(
    "a broken line is named with its place",
    arguments: [
      ("x\n", 1, 1, "hierarchy"), ("0::/\n\n", 2, 1, "hierarchy"), ("12\n", 1, 1, "hierarchy"), ("0:cpu\n", 1, 6, "path"),
      ("0::a\n", 1, 3, "path"),
    ] as [(String, Int, Int, String)])
  func broken(text: String, line: Int, column: Int, field: String) {
    let error = #expect(throws: FormatError.self) { try ControlGroupFormat(Array(text.utf8).span) }
    #expect(error?.line == line && error?.column == column && error?.field == field, "\(String(describing: error))")
  }

  @Test(
    "a path tells the unit, the container and the pod",
    arguments: [
      ("/system.slice/nginx.service", "nginx.service", nil, nil, nil),
      ("/user.slice/user-1000.slice/session-2.scope", "session-2.scope", nil, nil, nil),
      ("/user.slice/user-1000.slice/user@1000.service/app.slice/app-firefox.scope", "app-firefox.scope", nil, nil, nil),
      ("/system.slice/docker-\(number).scope", nil, number, "docker", nil), ("/docker/\(number)", nil, number, "docker", nil),
      ("/machine.slice/libpod-\(number).scope/container", nil, number, "libpod", nil),
      (
        "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod\(podUnderscored).slice/cri-containerd-\(number).scope", nil,
        number, "cri-containerd", pod
      ),
      ("/kubepods/burstable/pod\(pod)/\(number)", nil, number, nil, pod),
      ("/kubepods/besteffort/pod\(number.prefix(32))/\(number)", nil, number, nil, String(number.prefix(32))),
      ("/lxc/web1", nil, "web1", "lxc", nil), ("/lxc.payload.web1/system.slice/a.service", nil, "web1", "lxc", nil),
      ("/", nil, nil, nil, nil), ("", nil, nil, nil, nil), ("/podman/pod", nil, nil, nil, nil), ("/\(number)x", nil, nil, nil, nil),
      ("/lxc.payload.", nil, nil, nil, nil), ("/-\(number)", nil, nil, nil, nil),
    ] as [(String, String?, String?, String?, String?)])
  func owner(path: String, unit: String?, container: String?, runtime: String?, pod: String?) {
    let owner = ControlGroupOwner(path: path)
    #expect(owner.unit == unit && owner.container == container && owner.runtime == runtime && owner.pod == pod, "\(owner)")
  }
}
