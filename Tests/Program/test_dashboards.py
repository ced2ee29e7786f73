"""Every query of the dashboards, asked of a real Prometheus that scrapes the exporter under a load of every kind: none is empty.

With UPDATE_PICTURES=1, as `make pictures` has it, the load lasts longer, and grafana/draw draws both dashboards into grafana/pictures.
"""
import errno
import json
import os
import pathlib
import selectors
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.parse

import scaled_time
import support
from control_group import ControlGroups
from namespaces import HeldNamespace

ROOT = pathlib.Path(__file__).parents[2]
PICTURES = bool(os.environ.get("UPDATE_PICTURES"))
SECONDS = 240 if PICTURES else 30
POOL = 4000
DATABASE, CACHE, ELSEWHERE = ("127.0.0.5", 5432), ("::1", 6379), [("127.0.0.6", 8000 + i) for i in range(30)]

# Another program of the host, with connections of its own.
CLIENT = """
import signal, socket, sys
held = [socket.create_connection(("127.0.0.6", 8000 + i % 30)) for i in range(int(sys.argv[1]))]
signal.pause()
"""

# What a gateway does, on loopback: some connections get another source address, and a port of a small range.
TRANSLATION = """
table ip gateway {
  chain out {
    type nat hook postrouting priority srcnat;
    ip daddr 127.0.0.6 tcp dport 8000-8029 snat to 127.0.0.8:40000-40999
  }
}
"""


# Linux 6.3: the ports that one socket may be given.
IP_LOCAL_PORT_RANGE = 51


def listen(address):
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    return socket.create_server(address, family=family, backlog=4096)


def connect(address, bind_first=False):
    client = socket.socket(socket.AF_INET6 if ":" in address[0] else socket.AF_INET)
    if bind_first:
        client.bind(("127.0.0.1", 0))
    client.connect(address)
    return client


def connect_from(port, address):
    """A client that may be given one port alone; `None` if that is taken."""
    client = socket.socket()
    client.setsockopt(socket.IPPROTO_IP, IP_LOCAL_PORT_RANGE, struct.pack("I", port << 16 | port))
    try:
        client.connect(address)
    except OSError as refusal:
        client.close()
        if refusal.errno != errno.EADDRNOTAVAIL:
            raise
        return None
    return client


class Peers(threading.Thread):
    """The other ends: they accept, and close what the client has closed."""

    def __init__(self, addresses):
        super().__init__(daemon=True)
        self.selector = selectors.DefaultSelector()
        self.listeners = [listen(address) for address in addresses]
        for listener in self.listeners:
            self.selector.register(listener, selectors.EVENT_READ)
        self.done = threading.Event()

    def run(self):
        while not self.done.is_set():
            for key, _ in self.selector.select(timeout=0.2):
                if key.fileobj in self.listeners:
                    self.selector.register(key.fileobj.accept()[0], selectors.EVENT_READ)
                else:
                    self.selector.unregister(key.fileobj)
                    key.fileobj.close()

    def stop(self):
        self.done.set()
        self.join()
        for key in list(self.selector.get_map().values()):
            key.fileobj.close()
        self.selector.close()


class Work(threading.Thread):
    """A host at work: a busy database client whose pool of connections grows, short requests that leave TIME_WAIT, programs that bind first, a service
    inside the pool, UDP senders, a client that does not close, and one that is refused a port."""

    def __init__(self):
        super().__init__()
        self.done = threading.Event()
        self.kept = []
        self.failed = None

    def run(self):
        try:
            self.work()
        except Exception as error:
            self.failed = error

    def work(self):
        self.kept += [listen(("127.0.0.1", 40000 + 2 * i + 1)) for i in range(3)]
        self.kept += [connect(ELSEWHERE[i % 30], bind_first=True) for i in range(260)]
        for i in range(250):
            sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            sender.connect(("127.0.0.1", 9))
            self.kept.append(sender)
        database, start = [], time.time()
        with listen(("127.0.0.7", 8443)) as leaving:
            leaked = [connect(leaving.getsockname()) for _ in range(60)]
            for _ in leaked:
                leaving.accept()[0].close()  # the peer closes; our side stays in CLOSE_WAIT
        self.kept += leaked
        while not self.done.is_set():
            passed = (time.time() - start) / SECONDS
            # Up to four fifths in the middle, down again, up again.
            wanted = int(POOL * (0.12 + 0.72 * max(0, min(1, 2.4 * passed) - max(0, min(0.6, 3 * (passed - 0.55))))))
            while len(database) < wanted:
                database.append(connect(DATABASE))
            while len(database) > wanted:
                database.pop().close()
            for i in range(6):
                connect(ELSEWHERE[i]).close()
                connect(CACHE).close()
            self.kept.append(connect_from(40000 + POOL - 1, ELSEWHERE[0]))
            self.done.wait(0.25)
        self.kept += database

    def stop(self):
        self.done.set()
        self.join()
        for one in filter(None, self.kept):
            one.close()


class Dashboards(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.enterClassContext(support.pool(POOL))
        peers = Peers([DATABASE, CACHE, *ELSEWHERE])
        cls.addClassCleanup(peers.stop)
        peers.start()
        cls.factor = scaled_time.pace()
        folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        (folder / "rules").mkdir()
        for file in (ROOT / "deploy/prometheus/rules").glob("*.yml"):
            (folder / "rules" / file.name).write_text(scaled_time.faster(file.read_text(), cls.factor))
        shipped = (ROOT / "deploy/prometheus/scrape-static.yml").read_text()
        (folder / "prometheus.yml").write_text(scaled_time.faster(shipped, cls.factor))
        subprocess.run(["nft", "-f", "-"], input=TRANSLATION, text=True, check=True)
        cls.addClassCleanup(subprocess.run, ["nft", "delete", "table", "ip", "gateway"], check=True)
        groups = cls.enterClassContext(ControlGroups())
        # Two namespaces next to this one: one that is read, and one with too few sockets for that.
        beside = [cls.enterClassContext(HeldNamespace(*shape, preexec_fn=lambda unit=unit: groups.join(unit)))
                  for unit, *shape in (("mail.service", 40000, 40399, 150), ("cron.service", 40000, 59999, 3))]
        options = ["--collector.owners", "--sampler.interval=1s", "--range=database=5432", "--collector.snat", "--collector.refusals", "--collector.port-search", "--collector.namespaces",
                   *[f"--namespaces.include={namespace.label}" for namespace in beside]]
        cls.enterClassContext(support.Program([support.BINARY, "serve", *options], preexec_fn=scaled_time.go_first)).wait_until_ready(10097)
        cls.enterClassContext(support.Program([
            "prometheus", f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/data", "--web.listen-address=127.0.0.1:9090",
        ], preexec_fn=scaled_time.go_first)).wait_until_ready(9090)
        for unit, count in (("report.service", "180"), ("sync.service", "90")):
            cls.enterClassContext(support.Program([sys.executable, "-c", CLIENT, count], preexec_fn=lambda unit=unit: groups.join(unit)))
        groups.join("shop.service")
        cls.work = Work()
        cls.addClassCleanup(cls.work.stop)
        cls.work.start()
        time.sleep(SECONDS)
        if PICTURES:
            (ROOT / "grafana/pictures").mkdir(exist_ok=True)
            for name in ("host", "fleet"):
                subprocess.run([sys.executable, ROOT / "grafana/draw", "http://127.0.0.1:9090", ROOT / f"grafana/dashboards/portpool-{name}.json",
                                ROOT / f"grafana/pictures/{name}.png", str(SECONDS - 5)], check=True)

    def queries(self):
        for path in sorted((ROOT / "grafana/dashboards").glob("*.json")):
            dashboard = json.loads(path.read_text())
            for variable in dashboard["templating"]["list"]:
                if variable["type"] == "query":
                    yield dashboard["title"], f"variable {variable['name']}", variable["definition"]
            for panel in (one for top in dashboard["panels"] for one in (top, *top.get("panels", []))):
                for target in panel.get("targets", []):
                    yield dashboard["title"], panel["title"], target["expr"]

    @staticmethod
    def answers(expression):
        expression = expression.replace("$cluster", ".*")
        for name in ("job", "instance", "netns"):
            expression = expression.replace(f"${name}", ".+")
        expression = expression.replace("$__rate_interval", "30s")
        if expression.startswith("label_values("):
            inner, label = expression[len("label_values("):-1].rsplit(", ", 1)
            expression = f"count by ({label}) ({inner})"
        status, _, body = support.get(9090, f"/api/v1/query?{urllib.parse.urlencode({'query': expression})}")
        answer = json.loads(body)
        if status != 200:
            raise AssertionError(f"{expression}: {answer['error']}")
        return answer["data"]["result"]

    def empty(self, expressions):
        """Those of the queries that are not answered with data within a minute."""
        expressions, deadline = sorted(set(expressions)), time.monotonic() + 60
        while (empty := [one for one in expressions if not self.answers(one)]) and time.monotonic() < deadline:
            time.sleep(1)
        return empty

    def test_queries(self):
        """every query of both dashboards is answered with data"""
        self.assertIsNone(self.work.failed)
        queries = list(self.queries())
        self.assertGreater(len(queries), 60)
        # Which alerts fire depends on the load; test_alerts has that.
        left_out = ["ALERTS{"]
        for collector, metrics in (("refusals", "portpool_refused_"), ("port-search", "portpool_port_search_")):
            if not self.answers(f'portpool_scrape_collector_success{{collector="{collector}"}} == 1'):
                print(f"nothing is counted here by --collector.{collector}", flush=True)
                left_out.append(metrics)
        self.assertEqual(self.empty(expression for _, _, expression in queries if not any(word in expression for word in left_out)), [])

    def test_numbers(self):
        """no panel answers NaN or infinity"""
        values = [(*query, series["value"][1]) for query in self.queries() for series in self.answers(query[2])]
        self.assertEqual([value for value in values if value[-1] in ("NaN", "+Inf", "-Inf")], [])

    def test_rules(self):
        """every rule is evaluated without an error, and every recorded series exists"""
        groups = json.loads(support.get(9090, "/api/v1/rules")[2])["data"]["groups"]
        rules = [rule for group in groups for rule in group["rules"]]
        self.assertEqual([(rule["name"], rule.get("lastError")) for rule in rules if rule["health"] != "ok"], [])
        recorded = {rule["name"] for rule in rules if rule["type"] == "recording"}
        self.assertEqual(self.empty(recorded), [])


if __name__ == "__main__":
    unittest.main()
