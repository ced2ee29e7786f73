"""Files that change while they are read: no moment of a rewrite lets anybody in, and what stands in the files at the end is what is served."""
import contextlib
import os
import pathlib
import random
import socket
import ssl
import subprocess
import tempfile
import threading
import time
import unittest

import hostile
import load
import support

REQUEST = b"GET /-/healthy HTTP/1.1\r\nHost: a\r\n\r\n"


class Clients:
    """Two clients that ask all the time, each on a connection of its own for many requests, and count what they get."""

    def __init__(self, port, wrap=lambda connection: connection):
        self.port, self.wrap, self.statuses, self.isOver = port, wrap, {}, False

    def __enter__(self):
        self.threads = [threading.Thread(target=self.ask) for _ in range(2)]
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.isOver = True
        for thread in self.threads:
            thread.join()

    def ask(self):
        while not self.isOver:
            with contextlib.suppress(OSError), self.wrap(socket.create_connection(("127.0.0.1", self.port), timeout=10)) as connection:
                for _ in range(300):
                    if self.isOver:
                        return
                    connection.sendall(REQUEST)
                    if not (answer := connection.recv(4096)):
                        break
                    status = answer[9:12].decode()
                    self.statuses[status] = self.statuses.get(status, 0) + 1


class Files(unittest.TestCase):
    def setUp(self):
        self.random = random.Random(hostile.SEED)
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))

    def serve(self, config):
        port = support.free_port()
        program = support.Program([support.BINARY, "serve", "--web.listen-address", f"127.0.0.1:{port}", "--web.config.file", str(config)])
        program.port = port
        return self.enterContext(program.wait_for_port(port))

    def test_rewrites(self):
        """passwords that are rewritten, in place and by renaming, under load: nobody is let in without, and the last users are those that count"""
        file, other = self.folder / "web.yml", self.folder / "other.yml"
        texts = {user: f"basic_auth_users:\n  {user}: {load.HASHES[10]}\n" for user in ("alice", "bob")}
        file.write_text(texts["alice"])
        exporter = self.serve(file)
        with Clients(exporter.port) as clients:
            for number in range(200 * hostile.SCALE):
                user = self.random.choice(["alice", "bob"])
                if self.random.random() < 0.2:
                    other.write_text(texts[user])
                    os.replace(other, file)
                else:
                    # As a shell's > and many editors do: nothing, then half of it, then all.
                    with open(file, "w") as writer:
                        self.pause(0.001)
                        half = self.random.randint(0, len(texts[user]))
                        writer.write(texts[user][:half])
                        writer.flush()
                        self.pause(0.001)
                        writer.write(texts[user][half:])
                    self.pause(0.03)
                if number % 20 == 0:
                    self.expect_user(exporter, user, {"alice": "bob", "bob": "alice"}[user])
            self.expect_user(exporter, user, {"alice": "bob", "bob": "alice"}[user])
        self.assertGreater(clients.statuses.get("401", 0), 100)
        self.assertEqual(set(clients.statuses) - {"401", "500"}, set(), clients.statuses)

    def expect_user(self, exporter, user, nobody):
        def status(name):
            return support.get(exporter.port, "/-/ready", headers=load.login(name, "test"))[0]
        support.until(lambda: status(user) == 200 and status(nobody) == 401, seconds=10, every=0.05)

    def pause(self, longest):
        time.sleep(self.random.uniform(0, longest))

    def test_rotations(self):
        """a certificate that is renewed under load, its key a moment later: each time the new pair is served"""
        pairs = {name: self.pair(name) for name in ("first", "second")}
        for file in ("cert.pem", "key.pem"):
            self.put(pairs["first"] / file, file)
        config = self.folder / "web.yml"
        config.write_text("tls_server_config:\n  cert_file: cert.pem\n  key_file: key.pem\n")
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        served = {name: ssl.PEM_cert_to_DER_cert((folder / "cert.pem").read_text()) for name, folder in pairs.items()}
        exporter = self.serve(config)

        def answer():
            with context.wrap_socket(socket.create_connection(("127.0.0.1", exporter.port), timeout=10)) as connection:
                certificate = connection.getpeercert(True)
                connection.sendall(REQUEST)
                return certificate, connection.recv(4096)[9:12]

        with Clients(exporter.port, context.wrap_socket) as clients:
            for number in range(40 * hostile.SCALE):
                name = ["second", "first"][number % 2]
                self.put(pairs[name] / "cert.pem", "cert.pem")
                self.pause(0.004)
                self.put(pairs[name] / "key.pem", "key.pem")
                support.until(lambda: answer() == (served[name], b"200"), seconds=10, every=0.05)
        self.assertGreater(clients.statuses.get("200", 0), 100)

    def pair(self, name):
        folder = self.folder / name
        folder.mkdir()
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "30", "-subj",
                        "/CN=localhost", "-keyout", folder / "key.pem", "-out", folder / "cert.pem"], check=True, capture_output=True)
        return folder

    def put(self, source, name):
        aside = self.folder / "aside"
        aside.write_bytes(source.read_bytes())
        os.replace(aside, self.folder / name)
