"""Ports that the kernel refuses, counted where they are refused, and what is said where that is not possible."""
import errno
import glob
import json
import os
import pathlib
import re
import socket
import subprocess
import time
import unittest

import exposition
import support

DESTINATION = ("127.0.0.1", 8080)
RESET = b"\1\0\0\0\0\0\0\0"  # struct linger: closing leaves no TIME_WAIT
NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]


def snapshot(*before, script=None):
    """The JSON snapshot with --collector.refusals, run by the words `before`, or after `script` in a mount namespace of its own."""
    if script:
        before = ["unshare", "--mount", "--propagation", "private", "sh", "-c", f'{script} && exec "$@"', "sh"]
    done = subprocess.run([*before, support.BINARY, "snapshot", "--format", "json", "--collector.refusals"], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=120)
    if done.returncode not in (0, 1):
        raise AssertionError(done.stderr)
    return json.loads(done.stdout)


class Refusals(unittest.TestCase):
    def setUp(self):
        self.held = []
        with open("/proc/sys/net/ipv4/ip_local_port_range") as file:
            self.addCleanup(support.sysctl, "ipv4/ip_local_port_range", file.read().strip())
        support.sysctl("ipv4/ip_local_port_range", "40000 40009")
        self.addCleanup(self.release)
        self.held = [socket.create_server(DESTINATION, backlog=4096)]

    def release(self):
        for s in self.held:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            s.close()

    def refused(self, attempts):
        """How many of so many connects are refused a port."""
        count = 0
        for _ in range(attempts):
            client = socket.socket()
            self.held.append(client)
            try:
                client.connect(DESTINATION)
            except OSError as error:
                self.assertEqual(error.errno, errno.EADDRNOTAVAIL)
                count += 1
        return count

    def counted(self):
        """What is counted on this kernel; skips the test where nothing is."""
        taken = snapshot()
        if "refusals" not in taken:
            self.skipTest(taken["errors"][0])
        return taken["refusals"]

    def test_serve(self):
        """serve counts each refused connect, with neither of the rights left that it took to begin, nor libbpf"""
        kinds = self.counted()["kinds"]
        with support.exporter("--collector.refusals", port=10097) as exporter:
            text = support.get(exporter.port)[2].decode()
            for kind in kinds:
                self.assertEqual(exposition.value(text, "portpool_refused_total", netns="host", kind=kind), 0)
            self.assertNotIn('portpool_refused_destination_total{netns="host"', text)
            # Read without the rights that it took to begin; older kernels do not say it.
            says_missed = tuple(int(number) for number in re.findall(r"\d+", os.uname().release)[:2]) >= (5, 12)
            self.assertEqual(("portpool_refused_missed_total", ()) in exposition.series(text), says_missed)
            self.assertEqual(self.refused(17), 7)
            text = support.get(exporter.port)[2].decode()
            self.assertEqual(exposition.value(text, "portpool_refused_total", netns="host", kind="connect"), 7)
            self.assertEqual(exposition.value(text, "portpool_refused_destination_total", netns="host", source="127.0.0.1",
                                              destination="127.0.0.1", destination_port="8080"), 7)
            name = pathlib.Path("/proc/thread-self/comm").read_text().strip()
            self.assertEqual(exposition.value(text, "portpool_refused_program_total", netns="host", program=name), 7)
            self.assertEqual(exposition.value(text, "portpool_scrape_collector_success", collector="refusals"), 1)
            document = json.loads(support.get(exporter.port, "/api/v1/snapshot")[2])["refusals"]
            self.assertEqual("missed" in document, says_missed)
            (case,) = [case for case in document["cases"] if case["netns"] == "host"]
            self.assertEqual((case["destination"], case["port"], case["program"], case["count"]), (*DESTINATION, name, 7))
            self.assertIn("127.0.0.1 → 127.0.0.1:8080", support.get(exporter.port, "/")[2].decode())
            process = pathlib.Path(f"/proc/{exporter.process.pid}")
            for status in glob.glob(f"{process}/task/*/status"):
                for right in re.findall(r"Cap(?:Eff|Prm|Inh|Amb):\s*(\w+)", pathlib.Path(status).read_text()):
                    self.assertFalse(int(right, 16) & (1 << 38 | 1 << 39), right)
            self.assertNotIn("libbpf", (process / "maps").read_text())

    def test_without_peers(self):
        """with --no-web.peers every number is there and no destination"""
        self.counted()
        with support.exporter("--collector.refusals", "--no-web.peers", port=10097) as exporter:
            self.assertEqual(self.refused(12), 2)
            text = support.get(exporter.port)[2].decode()
            self.assertEqual(exposition.value(text, "portpool_refused_total", netns="host", kind="connect"), 2)
            self.assertNotIn("portpool_refused_destination_total{", text)
            cases = json.loads(support.get(exporter.port, "/api/v1/snapshot")[2])["refusals"]["cases"]
            (case,) = [case for case in cases if case["netns"] == "host"]
            self.assertTrue("destination" not in case and "port" not in case and case["count"] == 2, case)

    def test_doctor(self):
        """doctor counts while it watches, and names destination and program"""
        self.counted()
        doctor = subprocess.Popen([support.BINARY, "doctor", "--format", "json", "--collector.refusals", "--interval", "3"],
                                  stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        try:
            # However long it takes to begin: until it has ended, something is refused all the time.
            total = 0
            while doctor.poll() is None:
                total += self.refused(11 if not total else 1)
                time.sleep(0.1)
            findings = {f["id"]: f for f in json.loads(doctor.stdout.read())["findings"]}
        finally:
            doctor.kill()
            doctor.wait()
            doctor.stdout.close()
        self.assertEqual(findings["ports-refused"]["severity"], "critical")
        self.assertIn("127.0.0.1 → 127.0.0.1:8080", findings["ports-refused"]["evidence"][0])

    def expect_reason(self, taken, reason):
        self.assertNotIn("refusals", taken)
        (error,) = taken["errors"]
        self.assertIn(reason, error)
        self.assertIn("tcp", taken["namespaces"][0])

    def test_without_rights(self):
        """user 65534 is told which rights are missing, and gets everything else"""
        self.expect_reason(snapshot(*NOBODY), "CAP_BPF and CAP_PERFMON")

    def test_with_one_right(self):
        """either right alone is not enough"""
        for right in ("bpf", "perfmon"):
            words = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", f"--inh-caps=-all,+{right}", f"--ambient-caps=-all,+{right}",
                     f"--bounding-set=-all,+{right}"]
            self.expect_reason(snapshot(*words), "CAP_BPF and CAP_PERFMON")

    def test_with_both_rights(self):
        """both rights are enough for user 65534"""
        self.counted()
        words = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all,+bpf,+perfmon", "--ambient-caps=-all,+bpf,+perfmon"]
        self.assertEqual(snapshot(*words)["refusals"]["namespaces"][0]["netns"], "host")

    def test_without_types(self):
        """without the kernel's type information the collector says so"""
        self.expect_reason(snapshot(script="mount -t tmpfs none /sys/kernel"), "type information (BTF)")

    def test_without_library(self):
        """without libbpf the package is named"""
        self.counted()
        libraries = [line.split()[-1] for line in subprocess.run(["ldconfig", "-p"], capture_output=True, text=True).stdout.splitlines()
                     if "libbpf.so.1" in line]
        hide = " && ".join(f"mount --bind /dev/null {library}" for library in libraries)
        self.expect_reason(snapshot(script=hide), "libbpf1")
