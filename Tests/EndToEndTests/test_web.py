"""The web configuration, systemd's sockets and messages, and a flood of wrong passwords, on the built program."""
import base64
import os
import pathlib
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import threading
import time
import unittest
import urllib.request

import support

FIXTURES = pathlib.Path(__file__).parent.parent / "WebConfigTests" / "Fixtures"
# "test", as the guide of Prometheus has it; bcrypt at cost 12.
HASH = "$2b$12$hNf2lSsxfm0.i4a.1kVpSOVyBCfIB51VRjgBUyv6kdnyTlgWj81Ay"


def login(user, password):
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


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
            with exporter(config) as program:
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
        """a flood of wrong passwords costs a scrape less than a second"""
        with Folder() as folder, exporter(folder.write(f"basic_auth_users: {{alice: {HASH}}}\n")) as program:
            self.assertEqual(support.get(program.port, headers=login("alice", "test"))[0], 200)

            def scrape():
                begin = time.monotonic()
                self.assertEqual(support.get(program.port, headers=login("alice", "test"))[0], 200)
                return time.monotonic() - begin

            calm = max(scrape() for _ in range(3))
            over = threading.Event()

            def flood(number):
                while not over.is_set():
                    support.get(program.port, headers=login("alice", f"wrong{number}"))

            threads = [threading.Thread(target=flood, args=(number,)) for number in range(16)]
            for thread in threads:
                thread.start()
            try:
                for _ in range(5):
                    time.sleep(0.5)
                    self.assertLess(scrape(), 1 + 5 * calm)
            finally:
                over.set()
                for thread in threads:
                    thread.join()


class ServiceManager(unittest.TestCase):
    def test_socket(self):
        """it serves on the socket that systemd hands over"""
        port = support.free_port()
        command = ["systemd-socket-activate", "--listen", f"127.0.0.1:{port}", support.BINARY, "serve", "--web.systemd-socket"]
        with support.Program(command).wait_for_port(port) as program:
            support.until(lambda: support.get(port, "/-/ready")[0] == 200, every=0.02)
            self.assertEqual(program.stop(), 0)

    def test_no_socket(self):
        """without one it says what is missing"""
        _, err = support.portpool("serve", "--web.systemd-socket", status=64)
        self.assertIn("--web.systemd-socket: LISTEN_FDS is not set; ", err)

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


def exporter(config):
    """The exporter behind logins."""
    port = support.free_port()
    command = [support.BINARY, "serve", "--web.listen-address", f"127.0.0.1:{port}", "--web.config.file", config]
    program = support.Program(command).wait_for_port(port)
    program.port = port
    support.until(lambda: support.get(port, headers=login("alice", "test"))[0] == 200, every=0.02)
    return program


if __name__ == "__main__":
    unittest.main()
