"""The shipped alerts fire before the outage, and nothing that node_exporter shows by default does.

A pool of 2,000 ports, the exporter, node_exporter, Prometheus and Alertmanager with the shipped files some 15 times as fast. First as many
connections as the pool has ports, spread over twenty destinations: a healthy host. Then the same number to one destination, at a steady rate,
until connect() fails.
"""
import http.client
import http.server
import json
import pathlib
import re
import socket
import tempfile
import threading
import time
import unittest

import scaled_time
import support

DEPLOY = pathlib.Path(__file__).parents[2] / "deploy" / "prometheus"
PORTS = 2000
# At the shipped pace the pool is filled in half an hour.
SECONDS_TO_FILL = 1800
DESTINATIONS = [("127.0.0.5", 8080 + i) for i in range(20)]
PRESSURE = {"PortPoolTupleHalfUsed", "PortPoolFillingUp", "PortPoolTupleNearlyExhausted"}

NODE_JOB = """
  - job_name: node
    static_configs: [{targets: ["localhost:9100"]}]
"""
# What of node_exporter could know: sockets, connections, network devices, descriptors. The others measure processor, memory, disks, time and the
# machine, and move by themselves.
NODE_NETWORK = re.compile(r"node_(sockstat|netstat|nf_conntrack|arp|filefd|udp_queues|network|softnet|ipvs|xfrm|tcp|bonding|nfs)")


class Load:
    """Connections that stay open."""

    def __init__(self):
        self.clients = []
        self.first_error = None
        self.errors = 0

    def connect(self, destination):
        client = socket.socket()
        try:
            client.connect(destination)
        except OSError as error:
            client.close()
            self.errors += 1
            if self.first_error is None:
                self.first_error = time.time(), error
            return
        self.clients.append(client)

    def release(self):
        for client in self.clients:
            client.close()
        self.clients = []


class Receiver:
    """Takes what Alertmanager sends to a webhook."""

    def __init__(self):
        received = self.received = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                for alert in body["alerts"]:
                    received.append((time.time(), body["receiver"], alert["status"], alert["labels"]["alertname"]))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 9099), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def when(self, status, name):
        return next((at for at, _, *what in self.received if what == [status, name]), None)


def ask(port, path):
    return json.loads(support.get(port, path)[2])


class Firing:
    """The alerts that fire now, by name, with their labels. Asks over one connection, so that the asking shows in no count of connections."""

    def __init__(self):
        self.connection = http.client.HTTPConnection("127.0.0.1", 9090, timeout=30)

    def __call__(self):
        self.connection.request("GET", "/api/v1/alerts")
        alerts = json.loads(self.connection.getresponse().read())["data"]["alerts"]
        return {alert["labels"]["alertname"]: alert["labels"] for alert in alerts if alert["state"] == "firing"}


def worst_share():
    text = support.get(10097)[2].decode()
    values = {name: float(re.search(rf'^portpool_worst_tuple_{name}_ports{{netns="host",family="ipv4"}} (\S+)$', text, re.M)[1])
              for name in ("used", "capacity")}
    return values["used"] / values["capacity"]


def node_series():
    """Name with labels to value, of what node_exporter exports by default about the network."""
    lines = support.get(9100)[2].decode().splitlines()
    series = dict(line.rsplit(" ", 1) for line in lines if NODE_NETWORK.match(line))
    return {name: float(value) for name, value in series.items()}


def sockets():
    """TCP sockets to the destinations, of all states but TIME_WAIT."""
    wanted = {f"{port:04X}" for _, port in DESTINATIONS}
    with open("/proc/net/tcp") as file:
        rows = [line.split() for line in file.readlines()[1:]]
    return sum(row[2].split(":")[1] in wanted and row[3] != "06" for row in rows)


class AlertBeforeExhaustion(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.enterClassContext(support.pool(PORTS))
        cls.listeners = []
        cls.listen()
        cls.addClassCleanup(lambda: [listener.close() for listener in cls.listeners])
        cls.factor = scaled_time.pace()
        cls.load = Load()
        cls.addClassCleanup(lambda: cls.load.release())
        cls.start_programs()
        cls.healthy = cls.spread()
        cls.exhausted = cls.concentrate()
        cls.resolved_after = cls.let_go()
        cls.tell()

    @classmethod
    def listen(cls):
        """Anew, so that the other ends of connections that were closed are gone, too."""
        for listener in cls.listeners:
            listener.close()
        cls.listeners = [socket.create_server(destination, backlog=4096) for destination in DESTINATIONS]

    @classmethod
    def start_programs(cls):
        folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        (folder / "rules").mkdir()
        for file in (DEPLOY / "rules").glob("*.yml"):
            (folder / "rules" / file.name).write_text(scaled_time.faster(file.read_text(), cls.factor))
        shipped = scaled_time.faster((DEPLOY / "scrape-static.yml").read_text(), cls.factor)
        (folder / "prometheus.yml").write_text(shipped + NODE_JOB)
        receivers = scaled_time.faster((DEPLOY / "alertmanager.yml").read_text(), cls.factor)
        hook = "    webhook_configs: [{url: 'http://127.0.0.1:9099/', send_resolved: true}]"
        (folder / "alertmanager.yml").write_text(re.sub(r"(  - name: \w+\n)", rf"\1{hook}\n", receivers))
        cls.receiver = cls.enterClassContext(Receiver())
        for port, *command in (
            (10097, support.BINARY, "serve"),
            (9100, "prometheus-node-exporter", "--web.listen-address=:9100"),
            (9093, "prometheus-alertmanager", f"--config.file={folder}/alertmanager.yml", f"--storage.path={folder}/alertmanager",
             "--cluster.listen-address=", "--web.listen-address=:9093"),
            (9090, "prometheus", f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/data", "--web.listen-address=:9090"),
        ):
            cls.enterClassContext(support.Program(command, cwd=folder, preexec_fn=scaled_time.go_first)).wait_for_port(port)
        support.until(lambda: support.get(9090, "/-/ready")[0] == 200)
        rules = lambda: [rule for group in ask(9090, "/api/v1/rules")["data"]["groups"] for rule in group["rules"]]
        support.until(lambda: rules() and all(rule["health"] == "ok" for rule in rules()))

    @classmethod
    def spread(cls):
        """As many connections as the pool has ports, to twenty destinations."""
        firing = Firing()
        cls.before_spread = node_series()
        for i in range(PORTS):
            cls.load.connect(DESTINATIONS[i % len(DESTINATIONS)])
        assert cls.load.errors == 0, cls.load.first_error
        # Long enough for any alert on level or growth that this could raise.
        deadline = time.time() + 450 / cls.factor
        fired = set()
        while time.time() < deadline:
            fired |= set(firing())
            time.sleep(0.5)
        found = {"share": worst_share(), "sockets": sockets(), "node": node_series(), "fired": fired}
        cls.load.release()
        cls.listen()
        support.until(lambda: sockets() == 0)
        support.until(lambda: worst_share() < 0.02)
        support.until(lambda: not firing())
        return found

    @classmethod
    def concentrate(cls):
        """The same number to one destination, at a steady rate, and a hundred more that fail."""
        cls.before_concentrate = node_series()
        cls.fired = {}
        watching = threading.Event()

        def watch():
            firing = Firing()
            while not watching.is_set():
                for name, labels in firing().items():
                    cls.fired.setdefault(name, (time.time(), labels))
                time.sleep(0.1)

        thread = threading.Thread(target=watch)
        thread.start()
        try:
            start = time.time()
            for i in range(PORTS + 100):
                time.sleep(max(0, start + i * SECONDS_TO_FILL / cls.factor / PORTS - time.time()))
                cls.load.connect(DESTINATIONS[0])
            cls.started = start
            return {"share": worst_share(), "sockets": sockets(), "node": node_series()}
        finally:
            watching.set()
            thread.join()

    @classmethod
    def let_go(cls):
        """The connections are closed; how long until nothing fires any more, in Prometheus and in Alertmanager."""
        cls.load.release()
        start, firing = time.time(), Firing()
        support.until(lambda: not PRESSURE & set(firing()))
        support.until(lambda: not PRESSURE & {alert["labels"]["alertname"] for alert in ask(9093, "/api/v2/alerts")})
        support.until(lambda: cls.receiver.when("resolved", "PortPoolTupleNearlyExhausted"))
        return time.time() - start

    @classmethod
    def tell(cls):
        print(f"\n{PORTS} ports filled in {cls.load.first_error[0] - cls.started:.1f} s; {cls.factor} times the shipped pace; before the first EADDRNOTAVAIL fired:", flush=True)
        for name, (at, _) in sorted(cls.fired.items(), key=lambda item: item[1][0]):
            early = cls.load.first_error[0] - at
            print(f"  {name:30} {early:5.1f} s ({early * cls.factor / 60:4.1f} min at the shipped pace)", flush=True)
        print(f"  resolved {cls.resolved_after:.1f} s after the load went", flush=True)

    def test_exhausted(self):
        """connect() failed with EADDRNOTAVAIL, and only after the pool was full"""
        self.assertEqual(self.load.first_error[1].strerror, "Cannot assign requested address")
        self.assertGreater(self.exhausted["share"], 0.99)
        self.assertGreaterEqual(self.load.errors, 90)

    def test_warning_before_critical(self):
        """the warning fired first, then the critical alert"""
        self.assertLess(self.fired["PortPoolTupleHalfUsed"][0], self.fired["PortPoolTupleNearlyExhausted"][0])

    def test_critical_before_error(self):
        """the critical alert fired before the first connect() failed"""
        self.assertLess(self.fired["PortPoolTupleNearlyExhausted"][0], self.load.first_error[0] - 2)

    def test_prediction(self):
        """the prediction fired before the critical alert"""
        self.assertLess(self.fired["PortPoolFillingUp"][0], self.fired["PortPoolTupleNearlyExhausted"][0])

    def test_labels(self):
        """the alerts name the host, the namespace and the family"""
        labels = self.fired["PortPoolTupleNearlyExhausted"][1]
        found = {name: labels[name] for name in ("job", "instance", "netns", "family", "severity")}
        self.assertEqual(found, {"job": "portpool", "instance": "localhost:10097", "netns": "host", "family": "ipv4", "severity": "critical"})

    def test_delivered(self):
        """Alertmanager handed the warning to one receiver and the critical alert to the pager, before the first error"""
        first_error = self.load.first_error[0]
        for name, receiver in (("PortPoolTupleHalfUsed", "default"), ("PortPoolTupleNearlyExhausted", "pager")):
            delivered = [at for at, to, status, alert in self.receiver.received if (to, status, alert) == (receiver, "firing", name)]
            self.assertTrue(delivered and delivered[0] < first_error, f"{name}: {delivered}, first error {first_error}")

    def test_one_page(self):
        """the whole walk, until nothing was left, paged once"""
        paged = [alert for _, to, status, alert in self.receiver.received if (to, status) == ("pager", "firing")]
        self.assertEqual(paged, ["PortPoolTupleNearlyExhausted"])

    def test_healthy_is_quiet(self):
        """as many sockets to twenty destinations raised no alert on a destination"""
        self.assertEqual(self.healthy["fired"] & PRESSURE, set())
        self.assertLess(self.healthy["share"], 0.1)

    def test_node_exporter(self):
        """no default series of node_exporter about the network tells the exhausted host from the healthy one"""
        healthy, exhausted = self.healthy["node"], self.exhausted["node"]
        self.assertEqual(self.healthy["sockets"], self.exhausted["sockets"])
        self.assertIn("node_sockstat_TCP_inuse", healthy)
        self.assertEqual(set(healthy), set(exhausted))
        for name in healthy:
            if re.match(r"node_(network_\w+_total|softnet|netstat_\w+(Segs|Octets|Msgs|Datagrams))", name):
                continue  # traffic, which the scrapes of this test make too, for a longer time
            if re.match(r"node_(filefd|sockstat_\w+_(alloc|mem))", name):
                continue  # counted for the whole machine, whatever its other namespaces do meanwhile
            if "netstat" in name and "CurrEstab" not in name:  # counters: what each situation added
                found = exhausted[name] - self.before_concentrate[name], healthy[name] - self.before_spread[name]
            else:
                found = exhausted[name], healthy[name]
            # Programs of the test itself open and close a few sockets and files.
            self.assertLessEqual(abs(found[0] - found[1]), max(100, 0.05 * found[1]), f"{name}: exhausted {found[0]}, healthy {found[1]}")

    def test_exporter_tells(self):
        """portpool's ratio does tell: a twentieth against all"""
        self.assertGreater(self.exhausted["share"] / self.healthy["share"], 15)


if __name__ == "__main__":
    unittest.main()
