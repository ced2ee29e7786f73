"""Sockets counted inside the kernel, and what happens where that is not possible."""
import errno
import glob
import json
import os
import pathlib
import re
import socket
import subprocess
import unittest

import exposition
import support
from namespaces import HeldNamespace

DESTINATION, OTHER = ("127.0.0.1", 8080), ("127.0.0.2", 8080)
RESET = b"\1\0\0\0\0\0\0\0"  # struct linger: closing leaves no TIME_WAIT
# Since Linux 6.2 the kernel shows where a namespace's UDP sockets are.
SHOWS_UDP = tuple(map(int, re.findall(r"\d+", os.uname().release)[:2])) >= (6, 2)
NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]


def snapshot(*before, script=None):
    """The JSON snapshot with --source bpf, run by the words `before`, or after `script` in a mount namespace of its own."""
    if script:
        before = ["unshare", "--mount", "--propagation", "private", "sh", "-c", f'{script} && exec "$@"', "sh"]
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
