"""What the exporter writes is what Prometheus, promtool and OpenMetrics want, and more than they check."""
import gzip
import subprocess
import unittest

from prometheus_client.openmetrics.parser import text_string_to_metric_families as strict_openmetrics
from prometheus_client.parser import text_string_to_metric_families as text_families

import exposition
import support


class Formats(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.exporter = cls.enterClassContext(support.exporter("--range", "nodeport=30000-32767"))
        # What only connections of its own show of the kernel comes a moment after the start, and two answers shall be alike.
        support.until(lambda: b'ability="reuses_fin_wait2"' in support.get(cls.exporter.port)[2])
        cls.text = support.get(cls.exporter.port)[2].decode()
        cls.openmetrics = support.get(cls.exporter.port, headers={"Accept": support.ACCEPT_2_42})[2].decode()

    def test_promtool(self):
        """promtool check metrics has nothing to say"""
        done = subprocess.run(["promtool", "check", "metrics"], input=self.text, capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))

    def test_strict_openmetrics(self):
        """client_python's strict OpenMetrics parser takes every family"""
        families = list(strict_openmetrics(self.openmetrics))
        self.assertEqual(len(families), len(exposition.read(self.openmetrics, openmetrics=True)))
        self.assertIn("portpool_capacity_ports", [family.name for family in families])

    def test_text(self):
        """client_python's parser reads from the text format what we read"""
        theirs = {(s.name, tuple(sorted(s.labels.items()))): s.value for f in text_families(self.text) for s in f.samples}
        self.assertEqual(theirs, exposition.series(self.text))

    def test_well_formed(self):
        """families are sorted and whole, and no series stands twice"""
        self.assertGreater(len(exposition.read(self.text, openmetrics=False)), 20)
        self.assertGreater(len(exposition.read(self.openmetrics, openmetrics=True)), 20)

    def test_same_series(self):
        """both formats have the same series"""
        self.assertEqual(set(exposition.series(self.text)), set(exposition.series(self.openmetrics, openmetrics=True)))

    def test_no_foreign_metrics(self):
        """nothing of a Go or Python client's own is exported"""
        names = {name for name, _ in exposition.series(self.text)}
        self.assertEqual([name for name in names if not name.startswith(("portpool_", "process_"))], [])

    def test_abilities(self):
        """every ability of the kernel is 1 or 0, each once"""
        abilities = {dict(labels)["ability"]: v for (n, labels), v in exposition.series(self.text).items() if n == "portpool_kernel_ability"}
        self.assertEqual(len(abilities), 6)
        self.assertLessEqual(set(abilities.values()), {0, 1})

    def test_partition(self):
        """the uses of ports sum to the used ports"""
        series = exposition.series(self.text)
        for protocol in ("tcp", "udp"):
            used = exposition.value(self.text, "portpool_used_ports", protocol=protocol)
            uses = [v for (n, labels), v in series.items() if n == "portpool_ports" and ("protocol", protocol) in labels]
            self.assertEqual(len(uses), 5)
            self.assertEqual(sum(uses), used)

    def test_named_range(self):
        """a range that was named is counted"""
        exposition.value(self.text, "portpool_range_sockets", range="nodeport", protocol="tcp")

    def test_textfile(self):
        """a snapshot in either format is as good as a scrape"""
        names = {name for name, _ in exposition.series(self.text) if name.startswith("portpool_") and "scrape" not in name}
        snapshot, _ = support.portpool("snapshot", "--format", "prometheus", "--range", "nodeport=30000-32767")
        self.assertLessEqual({name for name, _ in exposition.series(snapshot)}, {name for name, _ in exposition.series(self.text)})
        self.assertIn("portpool_capacity_ports", names)
        done = subprocess.run(["promtool", "check", "metrics"], input=snapshot, capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        strict, _ = support.portpool("snapshot", "--format", "openmetrics")
        self.assertTrue(list(strict_openmetrics(strict)))


class Negotiation(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.exporter = cls.enterClassContext(support.exporter())

    def test_content_type(self):
        """each client gets the format it asks for"""
        text, openmetrics = "text/plain; version=0.0.4; charset=utf-8", "application/openmetrics-text; version=1.0.0; charset=utf-8"
        for accept, expected in [
            (None, text), ("*/*", text), ("text/html", text), (support.ACCEPT_2_42, openmetrics),
            (support.ACCEPT_3_14, openmetrics + "; escaping=allow-utf-8"), ("application/openmetrics-text;version=1.0.0;q=0", text),
            ("text/plain;version=0.0.4;q=0.9,application/openmetrics-text;version=1.0.0;q=0.1", text),
        ]:
            with self.subTest(accept=accept):
                status, headers, body = support.get(self.exporter.port, headers={"Accept": accept} if accept else {})
                self.assertEqual((status, headers["content-type"]), (200, expected))
                exposition.read(body.decode(), openmetrics="openmetrics" in expected)

    def test_gzip(self):
        """gzip is used where it is allowed and nowhere else"""
        plain = support.get(self.exporter.port)
        self.assertNotIn("content-encoding", plain[1])
        for accepted, expected in [("gzip", "gzip"), ("*", "gzip"), ("gzip;q=0", None), ("identity, gzip;q=0.5", None), ("br", None)]:
            with self.subTest(accepted=accepted):
                _, headers, body = support.get(self.exporter.port, headers={"Accept-Encoding": accepted})
                self.assertEqual(headers.get("content-encoding"), expected)
                text = gzip.decompress(body) if expected else body
                self.assertIn(b"portpool_capacity_ports", text)

    def test_vary(self):
        """caches are told what an answer depends on"""
        self.assertEqual(support.get(self.exporter.port)[1].get("vary"), "Accept, Accept-Encoding")


if __name__ == "__main__":
    unittest.main()
