"""The time that the kernel spends searching for a port, and what is said where it cannot be taken."""
import json
import pathlib
import socket
import subprocess
import unittest

import exposition
import support
from test_refusals import NOBODY

NAME = "portpool_port_search_duration_seconds"
MISSING = "programs that follow its functions"


class PortSearch(unittest.TestCase):
    def snapshot(self, *before):
        done = subprocess.run([*before, support.BINARY, "snapshot", "--format", "json", "--collector.port-search"], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=120)
        self.assertIn(done.returncode, (0, 1), done.stderr)
        return json.loads(done.stdout)

    def test_without_rights(self):
        """user 65534 is told which rights are missing, and gets everything else"""
        taken = self.snapshot(*NOBODY)
        (error,) = taken["errors"]
        self.assertIn("CAP_BPF and CAP_PERFMON", error)
        self.assertIn("tcp", taken["namespaces"][0])

    def test_serve(self):
        """serve has a histogram of each kind, which grows with each search, or says that the kernel lets no program follow its functions"""
        with support.exporter("--collector.port-search", port=10097) as exporter:
            for openmetrics in (True, False):
                headers = {"Accept": "application/openmetrics-text"} if openmetrics else None
                text = support.get(exporter.port, headers=headers)[2].decode()
                families = {name: (kind, samples) for name, kind, samples in exposition.read(text, openmetrics)}
            if exposition.value(text, "portpool_scrape_collector_success", collector="port-search") == 0:
                self.assertNotIn(NAME, families)
                (error,) = [each for each in self.snapshot()["errors"] if "searching for" in each or "search for ports" in each]
                self.assertIn(MISSING, error)
                return
            kind, samples = families[NAME]
            self.assertEqual((kind, len(samples)), ("histogram", 3 * 14))
            before = {each: exposition.value(text, f"{NAME}_count", kind=each) for each in ("connect", "bind", "udp")}
            for _ in range(5):
                with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()):
                    pass
            after = support.get(exporter.port)[2].decode()
            for each, count in before.items():
                self.assertGreaterEqual(exposition.value(after, f"{NAME}_count", kind=each), count + (5 if each != "udp" else 0))
            self.assertNotIn("libbpf", pathlib.Path(f"/proc/{exporter.process.pid}/maps").read_text())
