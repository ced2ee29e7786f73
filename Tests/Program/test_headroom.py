"""What the program predicts is what the kernel then allows; the whole way, from the sockets to the text."""
import errno
import json
import socket
import subprocess
import time
import unittest

import exposition
import support

DESTINATION = ("127.0.0.1", 8080)
RESET = b"\1\0\0\0\0\0\0\0"  # struct linger: closing leaves no TIME_WAIT


class Headroom(unittest.TestCase):
    def setUp(self):
        self.held = []
        with open("/proc/sys/net/ipv4/ip_local_port_range") as file:
            self.addCleanup(support.sysctl, "ipv4/ip_local_port_range", file.read().strip())
        support.sysctl("ipv4/ip_local_port_range", "40000 40099")
        self.addCleanup(self.release)
        listener = socket.create_server(DESTINATION, backlog=4096)
        self.held.append(listener)

    def release(self):
        for s in self.held:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            s.close()

    def connect(self, destination=DESTINATION):
        client = socket.socket()
        try:
            client.connect(destination)
        except OSError:
            client.close()
            raise
        self.held.append(client)

    def connects_left(self):
        for count in range(1000):
            try:
                self.connect()
            except OSError as error:
                return count, errno.errorcode[error.errno]
        return 1000, "none"

    def fill(self):
        """30 connections, a listener inside the pool and ten reserved ports: 59 are left."""
        support.sysctl("ipv4/ip_local_reserved_ports", "40010-40019")
        self.addCleanup(support.sysctl, "ipv4/ip_local_reserved_ports", "")
        self.held.append(socket.create_server(("127.0.0.9", 40051)))
        for _ in range(30):
            self.connect()

    def test_snapshot(self):
        """the JSON snapshot's headroom is the number of connects that succeed"""
        self.fill()
        space = json.loads(support.portpool("snapshot", "--format", "json")[0])["namespaces"][0]
        tuple_, = [t for t in space["tcp"]["connect"]["tuples"] if (t["destination"], t["port"]) == DESTINATION]
        self.assertEqual((space["capacity"], space["tcp"]["blocked"], tuple_["used"]), (90, 1, 30))
        self.assertEqual((tuple_["headroom"], "EADDRNOTAVAIL"), self.connects_left())

    def test_scrape(self):
        """so is /metrics' at the same time, and it says 0 when nothing is left"""
        self.fill()
        # A port outside the pool, as a user would choose it; connections to it come from another address.
        with support.exporter(port=10097) as exporter:
            def scrape():
                connection = socket.create_connection(("127.0.0.1", exporter.port), source_address=("127.0.0.77", 20000 + len(self.held)))
                with connection:
                    connection.sendall(b"GET /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                    answer = b""
                    while chunk := connection.recv(1 << 16):
                        answer += chunk
                return answer.split(b"\r\n\r\n", 1)[1].decode()

            labels = {"netns": "host", "family": "ipv4"}
            predicted = exposition.value(scrape(), "portpool_worst_tuple_headroom_ports", **labels)
            self.assertEqual((predicted, "EADDRNOTAVAIL"), self.connects_left())
            text = scrape()
            self.assertEqual(exposition.value(text, "portpool_worst_tuple_headroom_ports", **labels), 0)
            self.assertEqual(exposition.value(text, "portpool_tuple_used_ports", destination="127.0.0.1", destination_port="8080"), 89)

    def test_unconfirmed_reuse(self):
        """TIME_WAIT of a peer that nobody knows to use timestamps: headroom has two ends, everywhere"""
        near, far = "192.0.2.10", ("192.0.2.20", 8080)
        for address in (near, far[0]):
            subprocess.run(["ip", "address", "add", f"{address}/32", "dev", "lo"], check=True)
            self.addCleanup(subprocess.run, ["ip", "address", "del", f"{address}/32", "dev", "lo"], check=True)
        with open("/proc/sys/net/ipv4/tcp_tw_reuse") as file:
            self.addCleanup(support.sysctl, "ipv4/tcp_tw_reuse", file.read().strip())
        support.sysctl("ipv4/tcp_tw_reuse", "1")
        with socket.create_server(far, backlog=4096) as listener:
            for _ in range(90):
                with socket.create_connection(far, source_address=(near, 0)):
                    server = listener.accept()[0]
                server.close()
        time.sleep(1.3)
        tuple_ = f"{near} → {far[0]}:{far[1]}"
        table, _ = support.portpool("snapshot")
        self.assertRegex(table, rf"connect\(\) over IPv4 .* 0 +100 +10–100 +{tuple_}\n")
        self.assertIn(f"Perhaps only 10 are left, for {tuple_}: ", table)
        connect = json.loads(support.portpool("snapshot", "--format", "json")[0])["namespaces"][0]["tcp"]["connect"]
        pessimistic = connect["pessimistic"]["ipv4"]
        self.assertEqual((pessimistic["headroom"], pessimistic["least_headroom"], pessimistic.get("timestamps")), (100, 10, None))
        metrics, labels = support.portpool("snapshot", "--format", "prometheus")[0], {"netns": "host", "family": "ipv4"}
        for name, value in {"headroom": 100, "reusable": 90, "least_headroom": 10}.items():
            self.assertEqual(exposition.value(metrics, f"portpool_worst_tuple_{name}_ports", **labels), value)
        self.assertIn("WARNING REUSE-UNCONFIRMED".casefold(), support.portpool("doctor", "--interval", "0", status=1)[0].casefold())
        with support.exporter("--source", "netlink", port=10097) as exporter:
            self.assertIn(f"Perhaps only 10 are left, for {tuple_}: ", support.get(exporter.port, "/")[2].decode())

    def test_peak(self):
        """a peak between scrapes is there for every server that scrapes, and one that asks for UDP alone takes nothing away"""
        def peak(path="/metrics"):
            return exposition.value(support.get(exporter.port, path)[2].decode(), "portpool_worst_tuple_used_ports_peak", netns="host")

        with support.exporter("--sampler.interval", "100ms", port=10097) as exporter:
            self.assertLess(peak(), 60)
            for _ in range(60):
                self.connect()
            support.until(lambda: peak("/metrics?collect[]=udp") == 60)
            while len(self.held) > 1:
                client = self.held.pop()
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                client.close()
            self.assertEqual([peak(), peak("/metrics?collect[]=udp"), peak(), peak()], [60] * 4)


if __name__ == "__main__":
    unittest.main()
