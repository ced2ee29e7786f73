"""A throwaway copy of this system, or of the one below PORTPOOL_ROOT: its files under an overlay, its own processes, mounts, control groups and
network, and if asked a systemd of its own.

What happens in it is gone when it ends. Needs root and overlayfs.
"""

import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

from harness import Failure, Skip, require

# Units of a whole boot that would reach beyond the copy, or wait for hardware that it does not have.
MASKED = [
    *("systemd-sysctl", "systemd-modules-load", "systemd-binfmt", "systemd-remount-fs", "systemd-random-seed", "systemd-udevd"),
    *("systemd-udev-trigger", "systemd-timesyncd", "systemd-networkd", "systemd-resolved", "systemd-logind", "systemd-update-utmp"),
    *("systemd-tmpfiles-setup-dev", "systemd-sysusers", "systemd-hwdb-update", "e2scrub_reap", "rsyslog", "networking", "cron", "ssh"),
]
MASKED_OTHERS = [
    *("proc-sys-fs-binfmt_misc.automount", "proc-sys-fs-binfmt_misc.mount", "dev-hugepages.mount", "dev-mqueue.mount", "tmp.mount"),
    *("sys-kernel-debug.mount", "sys-kernel-tracing.mount", "sys-fs-fuse-connections.mount", "sys-kernel-config.mount"),
    *("systemd-ask-password-console.path", "systemd-ask-password-wall.path", "systemd-udevd-control.socket", "systemd-udevd-kernel.socket"),
]

INSIDE = r"""
set -eu
mount --make-rprivate /
mount -t tmpfs tmpfs "$1"
mkdir "$1/upper" "$1/work" "$1/root"
mount -t overlay overlay -o "lowerdir=$2,upperdir=$1/upper,workdir=$1/work" "$1/root"
root=$1/root
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount -t sysfs -o ro sysfs "$root/sys"
mount -t tmpfs -o mode=755 tmpfs "$root/run"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
mount -t tmpfs -o mode=755 tmpfs "$root/sys/fs/cgroup"
if [ -d /sys/fs/cgroup/systemd ]; then
  mkdir "$root/sys/fs/cgroup/systemd" "$root/sys/fs/cgroup/unified"
  mount -t cgroup -o none,name=systemd cgroup "$root/sys/fs/cgroup/systemd"
  mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup/unified"
else
  mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
fi
ip link set lo up
shift 2
# Not chroot, in which the kernel refuses the user namespace of PrivateUsers=yes.
cd "$root"
pivot_root . mnt
umount -l /mnt
# systemd mounts a unit's credentials in a process of their own, and they come from there to the unit only where mounts are shared.
mount --make-rshared /
exec env -i container=portpool-test PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 "$@"
"""


class Machine:
    """`with Machine(systemd=True) as machine: machine.run("dpkg", "-i", "/tmp/x.deb")`"""

    def __init__(self, systemd):
        self.systemd = systemd

    def __enter__(self):
        if os.geteuid() != 0:
            raise Skip("needs root")
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="machine-"))
        self.groups = [top / self.folder.name for top in map(pathlib.Path, self.hierarchies())]
        for group in self.groups:
            group.mkdir()

        command = ["sleep", "infinity"]
        if self.systemd:
            target = "printf '[Unit]\\nWants=systemd-journald.service dbus.socket\\n' >/etc/systemd/system/throwaway.target"
            masks = "for unit in " + " ".join([f"{name}.service" for name in MASKED] + MASKED_OTHERS) + '; do ln -sfn /dev/null "/etc/systemd/system/$unit"; done'
            boot = "exec /lib/systemd/systemd --system --unit=throwaway.target --log-target=null --show-status=no"
            command = ["sh", "-c", f"rm -f /usr/sbin/policy-rc.d; {target}; {masks}; {boot}"]
        else:
            command = ["sh", "-c", "rm -f /usr/sbin/policy-rc.d; exec sleep infinity"]
        self.process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", "unshare", "--pid", "--fork", "--kill-child", "--mount", "--uts", "--ipc", "--net", "--cgroup", "sh", "-c", INSIDE, "machine", self.folder, os.environ.get("PORTPOOL_ROOT", "/"), *command],
            preexec_fn=lambda: [(group / "cgroup.procs").write_text("0") for group in self.groups],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            self.wait_until_up()
        except BaseException:
            self.__exit__()
            raise
        return self

    @staticmethod
    def hierarchies():
        top = pathlib.Path("/sys/fs/cgroup")
        return [top / "systemd", top / "unified"] if (top / "systemd").is_dir() else [top]

    def wait_until_up(self):
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise Failure(f"the machine did not start: {self.process.stdout.read()}")
            children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
            if children:
                self.pid = int(children[0])
                name = pathlib.Path(f"/proc/{self.pid}/comm").read_text().strip()
                if not self.systemd and name == "sleep":
                    return
                if self.systemd and name == "systemd" and "running" in self.try_run("systemctl", "is-system-running")[1]:
                    return
            time.sleep(0.2)
        raise Failure("the machine was not up within 30 s")

    def try_run(self, *command, timeout=60):
        result = subprocess.run(
            ["nsenter", "--target", str(self.pid), "--all", "--root", "--wd", "env", "LC_ALL=C.UTF-8", *map(str, command)],
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=timeout,
        )
        return result.returncode, result.stdout

    def run(self, *command):
        status, output = self.try_run(*command)
        require(status == 0, f"{' '.join(map(str, command))} ended with {status}:\n{output}")
        return output

    def put(self, source, target):
        """Copies a file of this system into the machine."""
        shutil.copy(source, f"/proc/{self.pid}/root{target}")

    def path(self, inside):
        return pathlib.Path(f"/proc/{self.pid}/root{inside}")

    def __exit__(self, *_):
        # unshare shields itself from signals while its child lives; killing it takes the child along, and with the first process all others.
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.process.stdout.close()
        for group in self.groups:
            deadline = time.monotonic() + 5
            while group.exists() and time.monotonic() < deadline:
                for folder in sorted((p for p in group.rglob("*") if p.is_dir()), reverse=True):
                    try:
                        folder.rmdir()
                    except OSError:
                        pass
                try:
                    group.rmdir()
                except OSError:
                    time.sleep(0.1)
        shutil.rmtree(self.folder, ignore_errors=True)
