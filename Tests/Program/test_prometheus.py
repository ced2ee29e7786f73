"""A real Prometheus scrapes the built program and answers queries for its series."""
import json
import pathlib
import socket
import tempfile
import time
import unittest
import urllib.parse

import support

CONFIGURATION = """
global: {scrape_interval: 5s, scrape_timeout: 5s}
scrape_configs:
  - job_name: portpool
    static_configs: [{targets: ["127.0.0.1:%d"]}]
"""


class Scraped(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.exporter = cls.enterClassContext(support.exporter("--range", "nodeport=30000-32767"))
        cls.port = support.free_port()
        folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        (folder / "prometheus.yml").write_text(CONFIGURATION % cls.exporter.port)
        cls.prometheus = cls.enterClassContext(support.Program([
            "prometheus", f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/data",
            f"--web.listen-address=127.0.0.1:{cls.port}"]))
        cls.prometheus.wait_until_ready(cls.port)
        support.until(lambda: cls.query("count_over_time(up[1m]) >= 2"))

    @classmethod
    def ask(cls, path, **parameters):
        status, _, body = support.get(cls.port, f"/api/v1/{path}?{urllib.parse.urlencode(parameters)}")
        return json.loads(body)["data"] if status == 200 else {}

    @classmethod
    def query(cls, expression):
        """The values of an instant query."""
        return [float(result["value"][1]) for result in cls.ask("query", query=expression).get("result", [])]

    def test_target(self):
        """the target is up and no scrape had an error"""
        target, = self.ask("targets")["activeTargets"]
        self.assertEqual((target["health"], target["lastError"]), ("up", ""))
        self.assertEqual(self.query("up"), [1])
        complaints = [line for line in self.prometheus.said.splitlines() if "level=warn" in line and "scrape" in line]
        self.assertEqual(complaints, [])

    def test_samples(self):
        """it takes every series that the exporter shows"""
        served = len([line for line in support.get(self.exporter.port)[2].splitlines() if not line.startswith(b"#")])
        taken, = self.query("scrape_samples_post_metric_relabeling")
        self.assertLessEqual(abs(taken - served), 5)

    def test_metadata(self):
        """it knows the type and the help of every family"""
        metadata = {name: entries[0] for name, entries in self.ask("metadata").items() if name.startswith("portpool_")}
        self.assertGreater(len(metadata), 20)
        for name, entry in metadata.items():
            self.assertTrue(entry["help"].endswith("."), f"{name}: {entry['help']}")
            self.assertNotEqual(entry["type"], "unknown", name)

    def test_ratio(self):
        """used by capacity needs no on()"""
        self.assertEqual(len(self.query("portpool_used_ports / portpool_capacity_ports")), 2)
        self.assertEqual(self.query('portpool_capacity_ports{protocol="tcp"}'), [28232])

    def test_pressure(self):
        """connections to one destination show as the worst tuple, and go again with them"""
        ratio = 'max(portpool_worst_tuple_used_ports{family="ipv4"} / portpool_worst_tuple_capacity_ports{family="ipv4"})'
        with socket.create_server(("127.0.0.5", 8080), backlog=4096):
            clients = [socket.create_connection(("127.0.0.5", 8080)) for _ in range(300)]
            try:
                support.until(lambda: self.query(f"{ratio} > 0.0106"))
                self.assertEqual(self.query('portpool_tuple_used_ports{destination="127.0.0.5"}'), [], "below the least share")
            finally:
                for client in clients:
                    # A reset leaves no TIME_WAIT behind.
                    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                    client.close()
        support.until(lambda: self.query(f"{ratio} < 0.0106"))

    def test_restart(self):
        """Prometheus sees the exporter go and come back"""
        with support.exporter() as other:
            port = other.port
            self.assertEqual(other.stop(), 0)
        with support.exporter(port=port) as again:
            start = time.time()
            body = support.get(again.port)[2].decode()
            line = next(line for line in body.splitlines() if line.startswith("process_start_time_seconds "))
            self.assertLess(abs(float(line.split()[1]) - start), 10)


if __name__ == "__main__":
    unittest.main()
