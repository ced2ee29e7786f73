"""The web configuration, systemd's sockets and messages, and a flood of wrong passwords, on the built program."""
import contextlib
import json
import os
import pathlib
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time
import unittest
import urllib.request

import exposition
import support
from load import HASHES, flood, guarded, login, wait

FIXTURES = pathlib.Path(__file__).parent.parent / "Fixtures" / "web_config"
HASH = HASHES[12]


class Folder:
    """A folder with certificates, for configurations."""

    def __enter__(self):
        self.directory = tempfile.TemporaryDirectory()
        self.path = pathlib.Path(self.directory.name)
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
             "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", self.path / "server.key", "-out",
             self.path / "server.crt"], check=True, capture_output=True)
        shutil.copy(self.path / "server.crt", self.path / "ca.crt")
        return self

    def __exit__(self, *_):
        self.directory.cleanup()

    def write(self, text, name="web.yml"):
        (self.path / name).write_text(text)
        return str(self.path / name)


class Configuration(unittest.TestCase):
    def test_faults(self):
        """check-config and serve refuse each faulty file with status 1 and the same sentence"""
        with Folder() as folder:
            for fixture in sorted((FIXTURES / "bad").iterdir()):
                with self.subTest(fixture=fixture.name):
                    path = shutil.copy(fixture, folder.path)
                    _, checked = support.portpool("check-config", path, status=1)
                    _, served = support.portpool("serve", "--web.listen-address", "127.0.0.1:0", "--web.config.file", path, status=1)
                    sentence = checked.removeprefix("Error: ").strip()
                    self.assertTrue(sentence.startswith(f"{path}:"), sentence)
                    self.assertIn(sentence, served)

    def test_good(self):
        """check-config takes each good file"""
        with Folder() as folder:
            for fixture in sorted((FIXTURES / "good").iterdir()):
                with self.subTest(fixture=fixture.name):
                    path = shutil.copy(fixture, folder.path)
                    self.assertEqual(support.portpool("check-config", path)[0], f"{path}: OK\n")

    def test_tls(self):
        """metrics over TLS for a client that trusts the certificate, and none without TLS"""
        with Folder() as folder:
            config = folder.write("tls_server_config: {cert_file: server.crt, key_file: server.key}\n")
            port = support.free_port()
            command = [support.BINARY, "serve", "--web.listen-address", f"127.0.0.1:{port}", "--web.config.file", config]
            with support.Program(command).wait_for_port(port) as program:
                trust = ssl.create_default_context(cafile=folder.path / "ca.crt")
                with urllib.request.urlopen(f"https://localhost:{port}/metrics", context=trust, timeout=30) as answer:
                    self.assertIn(b"portpool_capacity_ports", answer.read())
                with self.assertRaises(OSError):
                    urllib.request.urlopen(f"http://localhost:{port}/metrics", timeout=30)
                self.assertEqual(program.stop(), 0)

    def test_reload(self):
        """a changed file counts at once, and SIGHUP is no end"""
        with Folder() as folder:
            config = folder.write(f"basic_auth_users: {{alice: {HASH}}}\n")
            with guarded(config, "alice") as program:
                self.assertEqual(support.get(program.port)[0], 401)
                self.assertEqual(support.get(program.port, headers=login("alice", "test"))[0], 200)
                folder.write("basic_auth_users: {bob: short}\n")
                self.assertEqual(support.get(program.port, headers=login("alice", "test"))[0], 500)
                folder.write(f"basic_auth_users: {{bob: {HASH}}}\n")
                program.process.send_signal(signal.SIGHUP)
                self.assertEqual(support.get(program.port, headers=login("bob", "test"))[0], 200)
                self.assertEqual(support.get(program.port, headers=login("alice", "test"))[0], 401)
                self.assertEqual(program.stop(), 0)
                self.assertEqual(program.said.count("web configuration is broken"), 1)

    def test_flood(self):
        """a flood of wrong passwords costs a scrape less than a second, and keeps nobody out who comes from elsewhere"""
        with Folder() as folder, guarded(folder.write(f"basic_auth_users: {{alice: {HASH}, bob: {HASHES[10]}}}\n"), "alice") as program:
            calm = max(wait(program.port, login("alice", "test")) for _ in range(3))
            waits, first_waits, _ = flood(program.port, 10, "alice", ["bob"])
            self.assertLess(max(waits), 1 + 5 * calm)
            self.assertEqual(len(first_waits), 1)
            self.assertEqual(program.stop(), 0)


class ServiceManager(unittest.TestCase):
    def test_socket(self):
        """it serves on the socket that systemd hands over"""
        port = support.free_port()
        command = ["systemd-socket-activate", "--listen", f"127.0.0.1:{port}", support.BINARY, "serve", "--web.systemd-socket"]
        with support.Program(command).wait_until_ready(port) as program:
            self.assertEqual(program.stop(), 0)

    def test_forgotten_flag(self):
        """sockets that systemd hands over to a server that was not told to use them are worth a warning, with the flag"""
        port, other = support.free_port(), support.free_port()
        command = ["systemd-socket-activate", "--listen", f"127.0.0.1:{port}", support.BINARY, "serve", "--web.listen-address",
                   f"127.0.0.1:{other}"]
        with support.Program(command).wait_for_port(port) as program:
            support.until(lambda: support.get(other, "/-/ready")[0] == 200, every=0.02)
            self.assertRegex(program.said, r"level=warn msg=.*sockets that are not used.* remedy=--web\.systemd-socket sockets=1\n")
            self.assertEqual(program.stop(), 0)
        with support.exporter() as program:
            self.assertNotIn("systemd", program.said)

    def test_no_socket(self):
        """without one it says what is missing: status 1, for the command line is right"""
        _, err = support.portpool("serve", "--web.systemd-socket", status=1)
        self.assertRegex(err, r"\AError: --web\.systemd-socket: LISTEN_FDS is not set; .*\n\Z")

    def test_signals_at_start(self):
        """SIGTERM ends it with status 0 at any moment from its first word on, and SIGHUP never"""
        for moment in range(24):
            command = [support.BINARY, "serve", "--web.listen-address", "127.0.0.1:0"]
            with self.subTest(moment=moment), support.Program(command) as program:
                support.until(lambda: "starting" in program.said, every=0)
                time.sleep(moment / 1000)
                program.process.send_signal(signal.SIGHUP)
                self.assertEqual(program.stop(), 0, program.said)

    def test_second_signal(self):
        """a second SIGTERM does not cut an answer short"""
        with support.exporter() as program, socket.create_connection(("127.0.0.1", program.port)) as client:
            client.sendall(b"GET /-/healthy HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n")
            support.until(lambda: unread(program.port) == 0, every=0.01)
            program.process.send_signal(signal.SIGTERM)
            support.until(lambda: "shutting down" in program.said, every=0.01)
            program.process.send_signal(signal.SIGTERM)
            client.sendall(b"x")
            self.assertIn(b"200 OK", client.recv(1000))
            self.assertEqual(program.process.wait(timeout=20), 0)

    def test_notify(self):
        """it tells systemd when it serves, lives, reloads and stops"""
        with tempfile.TemporaryDirectory() as directory, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.bind(f"{directory}/notify")
            manager.settimeout(30)
            environment = dict(os.environ, NOTIFY_SOCKET=f"{directory}/notify", WATCHDOG_USEC="400000")
            with support.exporter(env=environment) as program:
                self.assertRegex(manager.recv(1000), rb"^READY=1\nSTATUS=Serving on 127\.0\.0\.1:")
                heard = [manager.recv(1000) for _ in range(3)]
                self.assertIn(b"WATCHDOG=1", heard)
                program.process.send_signal(signal.SIGHUP)
                support.until(lambda: manager.recv(1000).startswith(b"RELOADING=1"), every=0)
                support.until(lambda: manager.recv(1000).startswith(b"READY=1"), every=0)
                program.process.send_signal(signal.SIGTERM)
                support.until(lambda: manager.recv(1000) == b"STOPPING=1", every=0)
                self.assertEqual(program.process.wait(timeout=20), 0)


class Peers(unittest.TestCase):
    def test_peers(self):
        """with --no-web.peers neither page nor JSON nor metrics name a destination, and every number stays"""
        with socket.create_server(("127.0.0.1", 0)) as server, contextlib.ExitStack() as held:
            port = server.getsockname()[1]
            for _ in range(60):
                held.enter_context(socket.create_connection(("127.0.0.1", port)))
            for flags, shown in (((), True), (("--no-web.peers",), False)):
                with support.exporter("--top-tuples=1000", "--top-tuples-min-share=0", *flags) as program, self.subTest(shown=shown):
                    page, snapshot, metrics = (support.get(program.port, path)[2].decode() for path in ("/", "/api/v1/snapshot", "/metrics"))
                    connect = json.loads(snapshot)["namespaces"][0]["tcp"]["connect"]
                    tuples = [*connect["tuples"], *connect["worst"].values(), *connect["pessimistic"].values()]
                    self.assertEqual(f"127.0.0.1:{port}" in page, shown)
                    self.assertEqual("peers are hidden (--no-web.peers)" in page, not shown)
                    self.assertEqual(("127.0.0.1", port) in [(one["destination"], one["port"]) for one in tuples], shown)
                    self.assertEqual(f'destination="127.0.0.1",destination_port="{port}"' in metrics, shown)
                    self.assertEqual("portpool_tuple_used_ports{" in metrics, shown)
                    self.assertGreaterEqual(max(one["used"] for one in tuples), 60)
                    self.assertGreaterEqual(exposition.value(metrics, "portpool_worst_tuple_used_ports", netns="host", family="ipv4"), 60)
                    if not shown:
                        self.assertLessEqual({(one["destination"], one["port"]) for one in tuples}, {("0.0.0.0", 0), ("::", 0)})


def unread(port):
    """How many bytes wait to be read by a program that listens on this port."""
    lines = [line.split() for line in pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return sum(int(queues.split(":")[1], 16) for _, local, _, state, queues, *_ in lines if local.endswith(f":{port:04X}") and state == "01")


if __name__ == "__main__":
    unittest.main()
