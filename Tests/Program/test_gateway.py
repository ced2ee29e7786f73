"""The shipped alerts on a gateway's translated ports fire before it drops the first SYN.

A gateway of two namespaces' traffic with 1,000 ports for each destination, the exporter, and Prometheus with the shipped rules many times as fast.
Clients open connections to one server until the gateway finds no port; nobody tells them, and what the exporter counts is the only sign.

And the same pool, seen from another namespace.
"""
import http.client
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import time
import unittest

import exposition
import gateway
import scaled_time
import support

DEPLOY = pathlib.Path(__file__).parents[2] / "deploy" / "prometheus"
SERVER = "10.2.0.100"
PORTS = 1000
# Half an hour at the shipped pace lasts this many seconds.
SECONDS = 24
FACTOR = 1800 // SECONDS
# Scrapes are rarer than the pace asks for: a busy machine must not miss any, or an alert starts over.
SCRAPE = """
global: {scrape_interval: 1500ms, evaluation_interval: 500ms, scrape_timeout: 1500ms}
rule_files: [portpool-alerts.yml]
scrape_configs:
  - job_name: portpool
    static_configs: [{targets: ["127.0.0.1:%d"]}]
"""
WARNING, CRITICAL, DROPPING = "PortPoolSnatHalfUsed", "PortPoolSnatSearchFails", "PortPoolSnatDropping"

# Listens until its input ends: the kernel answers, whether anybody accepts or not.
LISTENER = f"""
import socket, sys
server = socket.create_server(("{SERVER}", 80), backlog=65535)
print("ready", flush=True)
sys.stdin.read()
"""

# Opens as many connections as each line says, from the next client in turn, and keeps them.
CLIENT = f"""
import itertools, resource, socket, sys
resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
addresses, held = itertools.cycle({gateway.CLIENTS!r}), []
for line in sys.stdin:
    for _ in range(int(line)):
        client = socket.socket()
        client.setblocking(False)
        client.bind((next(addresses), 0))
        client.connect_ex(("{SERVER}", 80))
        held.append(client)
    print("sent", flush=True)
"""


class Helper:
    """A Python program in another namespace that answers each line with one."""

    def __init__(self, prefix, text):
        self.process = subprocess.Popen([*prefix, sys.executable, "-c", text], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def hear(self, line):
        heard = self.process.stdout.readline()
        if heard != f"{line}\n":
            raise AssertionError(f"{heard!r} instead of {line}")
        return self

    def say(self, line):
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()
        return self

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


class AlertBeforeDrop(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        lab = cls.enterClassContext(gateway.Gateway([SERVER]))
        lab.translate(f"meta l4proto tcp masquerade to :30000-{30000 + PORTS - 1} fully-random")
        gateway.run(*lab.outside, "sysctl", "-qw", "net.core.somaxconn=65535")
        cls.enterClassContext(Helper(lab.outside, LISTENER).hear("ready"))
        cls.clients = cls.enterClassContext(Helper(lab.inside, CLIENT))
        cls.exporter = cls.enterClassContext(support.exporter("--collector.snat", preexec_fn=scaled_time.go_first))
        cls.start_prometheus()
        cls.fired, cls.first_drop = {}, None
        cls.fill()
        cls.tell()

    @classmethod
    def start_prometheus(cls):
        folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        rules = (DEPLOY / "rules" / "portpool-alerts.yml").read_text()
        (folder / "portpool-alerts.yml").write_text(scaled_time.faster(rules, FACTOR))
        (folder / "prometheus.yml").write_text(SCRAPE % cls.exporter.port)
        cls.port = support.free_port()
        prometheus = cls.enterClassContext(support.Program([
            "prometheus", f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/data",
            f"--web.listen-address=127.0.0.1:{cls.port}"], preexec_fn=scaled_time.go_first))
        prometheus.wait_until_ready(cls.port)
        # It takes some seconds more until it knows its targets.
        support.until(lambda: any(target["health"] == "up" for target in cls.ask("targets")["activeTargets"]))

    @classmethod
    def ask(cls, path):
        return json.loads(support.get(cls.port, f"/api/v1/{path}")[2])["data"]

    @classmethod
    def fill(cls):
        """Just over half of the ports at once, the rest over half an hour of the shipped pace, and then more than there are."""
        done = threading.Event()
        thread = threading.Thread(target=cls.watch, args=(done,))
        thread.start()
        try:
            cls.connect(PORTS * 55 // 100)
            start, opened = time.monotonic(), PORTS * 55 // 100
            while {WARNING, CRITICAL, DROPPING} - set(cls.fired) and time.monotonic() < start + 2 * SECONDS:
                wanted = PORTS * 55 // 100 + int((time.monotonic() - start) / SECONDS * PORTS * 45 / 100)
                cls.connect(wanted - opened)
                opened = wanted
                time.sleep(0.05)
        finally:
            done.set()
            thread.join()

    @classmethod
    def connect(cls, count):
        cls.clients.say(count).hear("sent")

    @classmethod
    def watch(cls, done):
        """Notes when each alert fires and the first SYN is dropped, and what the exporter says at that moment."""
        while not done.is_set():
            if cls.first_drop is None and gateway.insert_failed() > 0:
                cls.first_drop = time.monotonic()
                text = support.get(cls.exporter.port)[2].decode()
                cls.told = {name: exposition.value(text, f"portpool_snat_worst_tuple_{name}", netns="host", protocol="tcp", family="ipv4")
                            for name in ("used_ports", "headroom_ports", "failure_ratio")}
            try:
                alerts = cls.ask("alerts")["alerts"]
            except (OSError, http.client.HTTPException, ValueError) as problem:
                print(f"Prometheus did not say what fires: {problem!r}", flush=True)
                alerts = []
            for alert in alerts:
                if alert["state"] == "firing":
                    cls.fired.setdefault(alert["labels"]["alertname"], (time.monotonic(), alert))
            time.sleep(0.05)

    @classmethod
    def tell(cls):
        print(f"\n{FACTOR} times the shipped pace; at the first dropped SYN {cls.told}; fired before it:", flush=True)
        for name, (at, alert) in sorted(cls.fired.items(), key=lambda item: item[1][0]):
            print(f"  {name:26} {cls.first_drop - at:6.1f} s ({(cls.first_drop - at) * FACTOR / 60:5.1f} min at the shipped pace)"
                  f" {alert['labels'].get('collector', '')}", flush=True)

    def test_warning_before_drop(self):
        """PortPoolSnatHalfUsed fired before the first SYN was dropped"""
        self.assertIsNotNone(self.first_drop)
        self.assertLess(self.fired[WARNING][0], self.first_drop - 0.5)

    def test_drop_before_full(self):
        """the first SYN was dropped while there were ports left, and the exporter knew that searches fail"""
        self.assertGreater(self.told["headroom_ports"], 0)
        self.assertGreater(self.told["failure_ratio"], 0)
        self.assertLess(self.told["failure_ratio"], 1)

    def test_critical(self):
        """the alerts on failing searches and on drops followed"""
        self.assertLess(self.fired[WARNING][0], self.fired[CRITICAL][0])
        self.assertGreater(self.fired[DROPPING][0], self.first_drop)

    def test_names_the_tuple(self):
        """the warning names the translated address and the server"""
        _, alert = self.fired[WARNING]
        self.assertIn(f"{gateway.OUTSIDE} to {SERVER} port 80", alert["annotations"]["description"])


class FromAnotherNamespace(unittest.TestCase):
    def test_namespaces(self):
        """an exporter in another namespace counts the gateway's translated ports, and none of its own"""
        own = str(os.stat("/proc/self/ns/net").st_ino)
        with gateway.Gateway([SERVER]) as lab:
            lab.translate("meta l4proto tcp masquerade to :30000-30999")
            with Helper(lab.outside, LISTENER).hear("ready"), Helper(lab.inside, CLIENT) as clients:
                # What another test left behind.
                gateway.run("conntrack", "--flush")
                clients.say(400).hear("sent")
                support.until(lambda: gateway.tracked() >= 400, every=0.05)
                done = subprocess.run(
                    [*lab.outside, support.BINARY, "snapshot", "--format", "json", "--collector.snat", "--collector.namespaces",
                     "--namespaces.include", own],
                    stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        spaces = {space["netns"]: space for space in json.loads(done.stdout)["namespaces"]}
        (tuple_,) = spaces[own]["snat"]["tuples"]
        self.assertEqual((tuple_["source"], tuple_["destination"], tuple_["port"], tuple_["used"], tuple_["headroom"]),
                         (gateway.OUTSIDE, SERVER, 80, 400, 600))
        self.assertEqual([label for label, space in spaces.items() if space.get("snat", {}).get("tuples")], [own])


if __name__ == "__main__":
    unittest.main()
