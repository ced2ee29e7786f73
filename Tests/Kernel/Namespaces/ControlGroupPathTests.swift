import KernelFormats
import PortModel
import Scraper
import Testing

/// The paths that service managers and container runtimes give.
struct ControlGroupPathTests {
  static let id = "9ec7a0d1b2c3e4f5061728394a5b6c7d8e9fa0b1c2d3e4f5061728394a5b6c7d"

  static let paths: [(path: String, owner: String)] = [
    ("/", "/"),
    ("/init.scope", "init.scope"),
    ("/system.slice/nginx.service", "nginx.service"),
    ("/system.slice/system-getty.slice/getty@tty1.service", "getty@tty1.service"),
    ("/system.slice/foo@bar:baz:qux.service", "foo@bar:baz:qux.service"),
    ("/user.slice/user-1000.slice/session-2.scope", "session-2.scope"),
    ("/user.slice/user-1000.slice/user@1000.service/app.slice/firefox.service", "firefox.service"),
    ("/system.slice/docker-\(id).scope", "docker/9ec7a0d1b2c3"),
    ("/docker/\(id)", "docker/9ec7a0d1b2c3"),
    ("/machine.slice/libpod-\(id).scope/container", "libpod/9ec7a0d1b2c3"),
    ("/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-\(id).scope", "libpod/9ec7a0d1b2c3"),
    (
      "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod2c48913c_b29f_11e7_9350_020968147796.slice/cri-containerd-\(id).scope",
      "pod/2c48913c-b29f-11e7-9350-020968147796"
    ),
    ("/kubepods.slice/kubepods-pod2c48913c_b29f_11e7_9350_020968147796.slice/crio-\(id).scope", "pod/2c48913c-b29f-11e7-9350-020968147796"),
    ("/kubepods/besteffort/pod2c48913c-b29f-11e7-9350-020968147796/\(id)", "pod/2c48913c-b29f-11e7-9350-020968147796"),
    (
      "/system.slice/containerd.service/kubepods-besteffort-pod2c48913c_b29f_11e7_9350_020968147796.slice:cri-containerd:\(id)",
      "pod/2c48913c-b29f-11e7-9350-020968147796"
    ),
    ("/system.slice:docker:\(id)", "docker/9ec7a0d1b2c3"),
    ("/lxc.payload.web/system.slice/nginx.service", "lxc/web"),
    ("/custom/group", "/custom/group"),
  ]

  @Test("a control group's path names the pod, the container or the unit", arguments: paths)
  func owner(path: String, owner: String) {
    #expect(OwnerUsage.owner(ofGroup: path) == owner)
  }

  @Test(
    "/proc/PID/cgroup leads to the group that says most, on version 1, version 2 and both",
    arguments: [
      ("0::/system.slice/nginx.service\n", "nginx.service"),
      (
        "12:pids:/system.slice/nginx.service\n1:name=systemd:/system.slice/nginx.service\n0::/system.slice/nginx.service\n", "nginx.service"
      ),
      ("11:memory:/docker/\(id)\n4:cpu,cpuacct:/docker/\(id)\n1:name=systemd:/docker/\(id)\n", "docker/9ec7a0d1b2c3"),
      (
        "9:name=systemd:/\n4:memory:/kubepods/besteffort/pod2c48913c-b29f-11e7-9350-020968147796/\(id)\n0::/\n",
        "pod/2c48913c-b29f-11e7-9350-020968147796"
      ),
      ("0::/\n", "/"),
    ])
  func file(text: String, owner: String) throws {
    #expect(OwnerUsage.owner(ofGroup: try ControlGroupFormat(Array(text.utf8).span).path) == owner)
  }
}
