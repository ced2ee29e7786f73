"""Sockets counted inside the kernel, and what happens where that is not possible."""
import errno
import glob
import json
import os
import pathlib
import platform
import re
import socket
import subprocess
import sys
import tempfile
import unittest

import exposition
import support
from namespaces import HeldNamespace

DESTINATION, OTHER = ("127.0.0.1", 8080), ("127.0.0.2", 8080)
RESET = b"\1\0\0\0\0\0\0\0"  # struct linger: closing leaves no TIME_WAIT
# Since Linux 6.2 the kernel shows where a namespace's UDP sockets are.
SHOWS_UDP = tuple(map(int, re.findall(r"\d+", os.uname().release)[:2])) >= (6, 2)
NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]


# struct sock_filter: the number of the call; 321 is bpf, which ends the process, and all else is allowed. Then what is to be run behind the filter.
KILLS_BPF = """
import ctypes, os, struct, sys
steps = [(0x20, 0, 0, 0), (0x15, 0, 1, 321), (0x06, 0, 0, 0x80000000), (0x06, 0, 0, 0x7fff0000)]
code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
filter = ctypes.create_string_buffer(struct.pack("HxxxxxxQ", len(steps), ctypes.addressof(code)))
if ctypes.CDLL(None, use_errno=True).prctl(22, 2, ctypes.c_ulong(ctypes.addressof(filter)), 0, 0):
    sys.exit(os.strerror(ctypes.get_errno()))
os.execv(sys.argv[1], sys.argv[1:])
"""


def hidden(script):
    """The words that run others after `script`, in a mount namespace of their own."""
    return ["unshare", "--mount", "--propagation", "private", "sh", "-c", f'{script} && exec "$@"', "sh"]


def snapshot(*before, script=None):
    """The JSON snapshot with --source bpf, run by the words `before`, or after `script` in a mount namespace of its own."""
    if script:
        before = hidden(script)
    done = subprocess.run([*before, support.BINARY, "snapshot", "--format", "json", "--source", "bpf"], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=120)
    if done.returncode:
        raise AssertionError(done.stderr)
    return json.loads(done.stdout)


class Kernel(unittest.TestCase):
    def setUp(self):
        self.held = []
        with open("/proc/sys/net/ipv4/ip_local_port_range") as file:
            self.addCleanup(support.sysctl, "ipv4/ip_local_port_range", file.read().strip())
        support.sysctl("ipv4/ip_local_port_range", "40000 40099")
        self.addCleanup(self.release)
        self.held = [socket.create_server(address, backlog=4096) for address in (DESTINATION, OTHER)]

    def release(self):
        for s in self.held:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            s.close()

    def connect(self, destination, binds_first=False):
        client = socket.socket()
        self.held.append(client)
        if binds_first:
            client.bind(("0.0.0.0", 0))
        client.connect(destination)

    def counted(self):
        taken = snapshot()
        if taken["source"] != "bpf":
            self.assertNotIn("somebody else", taken["remarks"][0])
            self.skipTest(taken["remarks"][0])
        return taken

    def test_exact(self):
        """headroom beside clients that bind before they connect is the number of connects that succeed"""
        for _ in range(20):
            self.connect(OTHER, binds_first=True)
        for _ in range(30):
            self.connect(DESTINATION)
        tcp = self.counted()["namespaces"][0]["tcp"]
        (mine,) = [t for t in tcp["connect"]["tuples"] if (t["destination"], t["port"]) == DESTINATION]
        self.assertEqual((tcp["exactness"], tcp["bind_first"], tcp["blocked"], mine["used"]), ("exact", 20, 20, 30))
        count = 0
        with self.assertRaises(OSError) as refused:
            while count < 1000:
                self.connect(DESTINATION)
                count += 1
        self.assertEqual((mine["headroom"], errno.EADDRNOTAVAIL), (count, refused.exception.errno))

    def test_serve(self):
        """serve counts in the kernel, with neither of the rights left that it took to begin, nor libbpf"""
        self.counted()
        with support.exporter("--source", "bpf", port=10097) as exporter:
            text = support.get(exporter.port)[2].decode()
            self.assertEqual(exposition.value(text, "portpool_source_info", netns="host", source="bpf"), 1)
            self.assertEqual(exposition.value(text, "portpool_bind_first_ports", netns="host"), 0)
            process = pathlib.Path(f"/proc/{exporter.process.pid}")
            for status in glob.glob(f"{process}/task/*/status"):
                for right in re.findall(r"Cap(?:Eff|Prm|Inh|Amb):\s*(\w+)", pathlib.Path(status).read_text()):
                    self.assertFalse(int(right, 16) & (1 << 38 | 1 << 39), right)
            self.assertNotIn("libbpf", (process / "maps").read_text())

    def begin(self, *before, options=()):
        """What `serve` says of its source and in its log, and which capabilities it has in effect, when it is started by the words `before`."""
        port = support.free_port()
        with support.Program([*before, support.BINARY, "serve", "--web.listen-address", f"127.0.0.1:{port}", *options]) as program:
            program.wait_until_ready(port)
            text = support.get(port)[2].decode()
            remarks = json.loads(support.get(port, "/api/v1/snapshot")[2]).get("remarks", [])
            self.assertEqual([line for line in text.splitlines() if line.startswith("portpool_scrape_collector_success") and not line.endswith(" 1")], [])
            # Started by another program, it is still the same process.
            process = pathlib.Path(f"/proc/{program.process.pid}")
            status = (process / "status").read_text()
            self.assertNotIn("libbpf", (process / "maps").read_text())
            self.assertEqual(program.stop(), 0, program.said)
            sources = set(re.findall(r'^portpool_source_info\{netns="host",source="(\w+)"\} 1$', text, re.M))
            return sources, [text for text in remarks if "instead" in text], program.said, int(re.search(r"CapEff:\s*(\w+)", status)[1], 16)

    def test_auto(self):
        """without a word about it serve counts in the kernel where it has the rights, and gives them up"""
        self.counted()
        sources, remarks, said, rights = self.begin()
        self.assertIn("bpf", sources)
        self.assertEqual(remarks, [])
        self.assertNotIn("not counted in the kernel", said)
        self.assertEqual(rights & (1 << 38 | 1 << 39), 0)
        self.assertEqual(self.begin(options=["--source", "netlink"])[0], {"netlink"})

    def test_auto_without_rights(self):
        """where serve may not count in the kernel it lists sockets over netlink, says so once in its log, and has no remark about it"""
        for before, reason in (
            (NOBODY, "takes CAP_BPF and CAP_PERFMON"),
            (["setpriv", "--bounding-set=-bpf,-perfmon,-sys_admin"], "takes CAP_BPF and CAP_PERFMON"),
            (["unshare", "--user", "--map-root-user"], "takes the system call bpf, which is refused"),
        ):
            with self.subTest(before=before):
                sources, remarks, said, _ = self.begin(*before)
                self.assertEqual((sources, remarks), ({"netlink"}, []))
                self.assertEqual(re.findall("level=(\\w+) msg=.*not counted in the kernel.*", said), ["info"], said)
                self.assertIn(reason, said)
                self.assertNotIn("not counted in the kernel", self.begin(*before, options=["--source", "netlink"])[2])

    @unittest.skipUnless(platform.machine() == "x86_64", "the filter is written for one kind of processor")
    def test_auto_behind_a_filter(self):
        """a system call filter that kills whoever loads a program does not kill serve, which was not told to"""
        self.counted()
        sources, remarks, said, _ = self.begin(sys.executable, "-c", KILLS_BPF)
        self.assertEqual((sources, remarks), ({"netlink"}, []))
        self.assertIn("takes the system call bpf, which is refused", said)

    def test_auto_without_types(self):
        """where serve has the rights and the kernel's type information is missing, a remark says so"""
        self.counted()
        sources, (remark,), said, rights = self.begin(*hidden("mount -t tmpfs none /sys/kernel"))
        self.assertEqual(sources, {"netlink"})
        self.assertIn("type information (BTF)", remark)
        self.assertEqual(rights & (1 << 38 | 1 << 39), 0)

    def test_one_look(self):
        """a command that looks once does not load programs for the sake of a few sockets, one that goes on looking does"""
        self.counted()
        taken = json.loads(support.portpool("snapshot", "--format", "json")[0])
        self.assertEqual((taken["source"], taken.get("remarks", [])), ("netlink", []))
        with tempfile.TemporaryDirectory() as directory:
            output = pathlib.Path(directory) / "portpool.prom"
            with support.Program([support.BINARY, "snapshot", "--format", "prometheus", "--output", output, "--interval", "1s"]):
                text = support.until(lambda: output.read_text())
        self.assertEqual(exposition.value(text, "portpool_source_info", netns="host", source="bpf"), 1)

    def test_namespaces(self):
        """every namespace is counted with the own one, none is too calm, and none is entered for it"""
        self.counted()
        busy, calm = (self.enterContext(HeldNamespace(40000, 40999, count)) for count in (600, 5))
        flags = [word for held in (busy, calm) for word in ("--namespaces.include", held.label)]
        with support.exporter("--source", "bpf", "--collector.namespaces", *flags) as exporter:
            for _ in range(2):
                text = support.get(exporter.port)[2].decode()
                self.assertEqual(exposition.value(text, "portpool_namespaces", state="walked"), 2)
                self.assertEqual(exposition.value(text, "portpool_source_info", netns="host", source="bpf"), 1)
                for held in (busy, calm):
                    left = exposition.value(text, "portpool_worst_tuple_headroom_ports", netns=held.label, family="ipv4")
                    self.assertEqual(left, 1000 - held.made)
                    self.assertEqual(exposition.value(text, "portpool_source_info", netns=held.label, source="bpf"), 1)
                    self.assertEqual(exposition.value(text, "portpool_bind_first_ports", netns=held.label), 0)
                    if SHOWS_UDP:
                        self.assertEqual(exposition.value(text, "portpool_udp_autobind_headroom_ports", netns=held.label, family="ipv4"), 1000)

    def expect_netlink(self, taken, reason):
        self.assertEqual(taken["source"], "netlink")
        self.assertEqual(taken["errors"], [])
        (remark,) = [text for text in taken["remarks"] if "inet_diag instead" in text]
        self.assertIn(reason, remark)
        self.assertNotIn("exactness", taken["namespaces"][0]["tcp"])

    def test_without_rights(self):
        """user 65534 is told which rights are missing, and gets what inet_diag tells"""
        self.expect_netlink(snapshot(*NOBODY), "CAP_BPF and CAP_PERFMON")

    def test_without_types(self):
        """without the kernel's type information inet_diag is asked"""
        self.expect_netlink(snapshot(script="mount -t tmpfs none /sys/kernel"), "type information (BTF)")

    def test_without_library(self):
        """without libbpf inet_diag is asked, and the package is named"""
        self.counted()
        libraries = [line.split()[-1] for line in subprocess.run(["ldconfig", "-p"], capture_output=True, text=True).stdout.splitlines()
                     if "libbpf.so.1" in line]
        hide = " && ".join(f"mount --bind /dev/null {library}" for library in libraries)
        self.expect_netlink(snapshot(script=hide), "libbpf1")
