"""Pushing, to a real Pushgateway and a real Prometheus, and files for a real node_exporter."""
import contextlib
import http.server
import json
import os
import pathlib
import re
import signal
import socket
import stat
import subprocess
import tempfile
import threading
import unittest
import urllib.parse

import support

SAMPLE = re.compile(r'^([a-z_]+)(?:\{(.*)\})? (\S+)$')
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"')
# What differs from one moment to the next.
MOVING = {"portpool_scrape_collector_duration_seconds"}


def series(text, without=()):
    """Every portpool series of an exposition: name and labels to value."""
    found = {}
    for line in text.splitlines():
        if match := SAMPLE.match(line):
            name, labels, value = match.groups()
            key = (name, frozenset((k, v) for k, v in LABEL.findall(labels or "") if k not in without))
            if name.startswith("portpool_"):
                assert key not in found, f"{key} is there twice"
                found[key] = float(value)
    return found


@contextlib.contextmanager
def pushgateway(*arguments):
    port = support.free_port()
    with support.Program(["prometheus-pushgateway", f"--web.listen-address=127.0.0.1:{port}", "--persistence.file=", *arguments]) as program:
        program.wait_for_port(port)
        program.port = port
        program.url = f"http://127.0.0.1:{port}"
        yield program


@contextlib.contextmanager
def prometheus():
    port = support.free_port()
    with tempfile.TemporaryDirectory() as folder:
        (pathlib.Path(folder) / "prometheus.yml").write_text("scrape_configs: []\n")
        with support.Program(["prometheus", f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/data",
                              f"--web.listen-address=127.0.0.1:{port}", "--web.enable-remote-write-receiver"]) as program:
            program.wait_until_ready(port)
            program.port = port
            program.url = f"http://127.0.0.1:{port}"
            yield program


def query(port, text):
    """Name and labels to value, as Prometheus answers an instant query."""
    body = support.get(port, "/api/v1/query?query=" + urllib.parse.quote(text))[2]
    return {(r["metric"].pop("__name__", ""), frozenset(r["metric"].items())): float(r["value"][1])
            for r in json.loads(body)["data"]["result"]}


class Once(unittest.TestCase):
    def test_equals_snapshot(self):
        """every series that is pushed equals the snapshot's, and nothing else is pushed"""
        for extra in ([], ["--compression", "gzip"], ["--method", "post"]):
            with self.subTest(extra=extra), pushgateway() as gateway:
                out, err = support.portpool("push", "--once", "--url", gateway.url, "--grouping", "instance=web 1/2", *extra)
                self.assertEqual((out, err), ("", ""))
                body = support.get(gateway.port)[2].decode()
                self.assertEqual(len(re.findall(r'^portpool_capacity_ports\{.*instance="web 1/2",job="portpool"', body, re.M)), 2)
                pushed = series(body, without=("instance", "job"))
                wanted = series(support.portpool("snapshot", "--format", "prometheus")[0])
                self.assertEqual(pushed.keys(), wanted.keys())
                self.assertGreater(len(wanted), 100)
                # The gateway's own sockets come and go; what the settings say does not.
                for (name, labels), value in wanted.items():
                    if "capacity" in name or "range_" in name or "info" in name or "success" in name:
                        self.assertEqual(pushed[name, labels], value, name)

    def test_equals_snapshot_of_fixture(self):
        """from a /proc that stands still, every value that is pushed equals the snapshot's"""
        with tempfile.TemporaryDirectory() as root, pushgateway() as gateway:
            line = "{}: 0100007F:{:04X} 0100007F:1F90 01 00000000:00000000 00:00000000 00000000     0        0 10811 1 0000000000000000\n"
            header = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
            for net in ("net", "self/net", "thread-self/net"):
                folder = pathlib.Path(root) / net
                folder.mkdir(parents=True)
                (folder / "tcp").write_text(header + "".join(line.format(n, 40000 + n) for n in range(3000)))
                (folder / "udp").write_text(header)
                (folder / "fib_trie").write_text("Main:\n           |-- 127.0.0.1\n              /32 host LOCAL\n")
            settings = pathlib.Path(root) / "sys/net/ipv4"
            settings.mkdir(parents=True)
            for name, text in {"ip_local_port_range": "32768\t60999\n", "ip_local_reserved_ports": "\n", "tcp_tw_reuse": "2\n",
                               "tcp_timestamps": "1\n"}.items():
                (settings / name).write_text(text)
            words = ["--path.procfs", root, "--source", "proc", "--range", "nodeport=40000-40099"]
            support.portpool("push", "--url", gateway.url, *words)
            pushed = series(support.get(gateway.port)[2].decode(), without=("instance", "job"))
            wanted = series(support.portpool("snapshot", "--format", "prometheus", *words)[0])
            self.assertIn(("portpool_tuple_used_ports", frozenset({("netns", "host"), ("source", "127.0.0.1"), ("destination", "127.0.0.1"),
                                                                   ("destination_port", "8080")})), wanted)
            self.assertEqual({k: v for k, v in pushed.items() if k[0] not in MOVING}, {k: v for k, v in wanted.items() if k[0] not in MOVING})

    def test_remote_write(self):
        """what is written remotely is what a query gives back"""
        with prometheus() as server:
            support.portpool("push", "--url", server.url, "--format", "remote-write", "--grouping", "instance=web-1")
            stored = query(server.port, '{job="portpool",instance="web-1"}')
            wanted = series(support.portpool("snapshot", "--format", "prometheus")[0])
            mine = {(name, frozenset(l for l in labels if l[0] not in ("job", "instance"))): value for (name, labels), value in stored.items()}
            self.assertEqual(mine.keys(), wanted.keys())
            capacity = ("portpool_capacity_ports", frozenset({("netns", "host"), ("protocol", "tcp")}))
            self.assertEqual(mine[capacity], wanted[capacity])

    def test_usage(self):
        """what cannot be meant is a usage error that names the flag as it was written"""
        for words, says in [
            (["push"], r"--url"), (["push", "--url", "gateway"], r"--url: does not begin with http"),
            (["push", "--url", "http://a:b@c"], r"--url: .*--basic-auth-file"), (["push", "--url", "http://a", "--grouping", "x"], r"--grouping: .*LABEL=VALUE"),
            (["push", "--url", "http://a/x/metrics/job/b/instance/c"], r"--url: the path /metrics/job/b/instance/c .* --job and --grouping"),
            (["serve", "--push.url", "http://a/metrics/job@base64/Yg"], r"--push\.url: .* --push\.job and --push\.grouping"),
            (["push", "--url", "http://a", "--once", "--interval", "5s"], r"--once"),
            (["push", "--url", "http://a", "--interval", "5"], r"5.*expected a duration"),
            (["push", "--url", "http://a", "--method", "patch"], r"patch"),
            (["push", "--url", "http://a", "--header", "Authorization: hunter2"], r"--header: Authorization"),
            (["serve", "--push.url", "http://a", "--push.interval", "1ms"], r"--push\.interval: "),
            (["serve", "--push.grouping", "a=b"], r"--push\.grouping: .*--push\.url"),
            (["serve", "--push.url", "http://a:b@c"], r"--push\.url: .*--push\.basic-auth-file"),
            (["snapshot", "--interval", "5s"], r"--interval: .*--output"),
        ]:
            with self.subTest(words=words):
                out, err = support.portpool(*words, status=64)
                self.assertEqual(out, "")
                self.assertRegex(err, says)
                self.assertNotIn("hunter2", err)

    def test_failure(self):
        """a gateway that is not there is one sentence and status 1"""
        out, err = support.portpool("push", "--url", f"http://127.0.0.1:{support.free_port()}", status=1, timeout=60)
        self.assertEqual(out, "")
        self.assertRegex(err, r"^Error: http://127\.0\.0\.1:\d+/metrics/job/portpool: .*Connection refused\n$")

    def test_exhausted(self):
        """with the pool used up it says so, a scrape still works, and a push comes through when a port is free"""
        before = pathlib.Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()
        with support.exporter() as exporter, pushgateway() as gateway:
            support.sysctl("ipv4/ip_local_port_range", "40000 40049")
            held = []
            try:
                with contextlib.suppress(OSError):
                    while True:
                        held.append(socket.create_connection(("127.0.0.1", gateway.port)))
                self.assertGreater(len(held), 40)
                out, err = support.portpool("push", "--url", gateway.url, status=1, timeout=60)
                self.assertIn("no local port is left for the connection (EADDRNOTAVAIL)", err)
                self.assertIn(b"\nportpool_worst_tuple_headroom_ports", support.get(exporter.port)[2])
                for connection in held[:10]:
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                    connection.close()
                support.portpool("push", "--url", gateway.url)
            finally:
                for connection in held:
                    connection.close()
                support.sysctl("ipv4/ip_local_port_range", " ".join(before))

    def test_proxies(self):
        """a proxy of the environment is used, honours no_proxy, and sees no login in the clear"""
        proxy = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Recorder)
        target = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Recorder)
        for server in (proxy, target):
            server.seen = []
            threading.Thread(target=server.serve_forever, daemon=True).start()
            self.addCleanup(server.server_close)
            self.addCleanup(server.shutdown)
        url = f"http://127.0.0.1:{target.server_port}"
        folder = self.enterContext(tempfile.TemporaryDirectory())
        login = pathlib.Path(folder, "login")
        login.write_text("me:hunter2\n")

        def push(*words, **environment):
            variables = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
            return subprocess.run([support.BINARY, "push", "--url", url, *words], env=variables | environment, capture_output=True, text=True, timeout=60)
        through = f"http://127.0.0.1:{proxy.server_port}"
        for variable in ("http_proxy", "all_proxy", "ALL_PROXY"):
            with self.subTest(variable=variable):
                proxy.seen.clear()
                target.seen.clear()
                self.assertEqual(push(**{variable: through}).returncode, 0)
                self.assertEqual((len(proxy.seen), len(target.seen)), (1, 0))
                done = push("--basic-auth-file", str(login), **{variable: through})
                self.assertEqual(done.returncode, 1)
                self.assertRegex(done.stderr, r"a proxy is set in the environment.*no_proxy")
                self.assertEqual((len(proxy.seen), len(target.seen)), (1, 0), "nothing was sent anywhere")
                for no_proxy in ("127.0.0.1", "*", "example.org,127.0.0.1"):
                    done = push("--basic-auth-file", str(login), no_proxy=no_proxy, **{variable: through})
                    self.assertEqual(done.returncode, 0, done.stderr)
                self.assertEqual((len(proxy.seen), len(target.seen)), (1, 3))
                self.assertTrue(target.seen[0][0]["Authorization"].startswith("Basic "))
        done = push("--basic-auth-file", str(login), HTTPS_PROXY=through, https_proxy=through)
        self.assertEqual(done.returncode, 0, "a proxy for https is none for http")

    def test_hanging_resolver(self):
        """SIGTERM ends a push whose name resolution hangs"""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent, tempfile.NamedTemporaryFile("w") as file:
            silent.bind(("127.9.9.9", 53))
            file.write("nameserver 127.9.9.9\noptions timeout:30 attempts:5\n")
            file.flush()
            for words in (["--once"], ["--interval", "60s", "--delete-on-exit"]):
                with self.subTest(words=words):
                    script = 'mount --bind "$1" /etc/resolv.conf && shift && exec "$@"'
                    process = subprocess.Popen(["unshare", "--mount", "sh", "-c", script, "sh", file.name, support.BINARY, "push", "--url",
                                                "http://gateway.example.org:9091", "--timeout", "1h", *words], stderr=subprocess.PIPE, text=True)
                    try:
                        silent.settimeout(20)
                        silent.recv(2_000)
                        process.terminate()
                        process.communicate(timeout=15)
                    finally:
                        process.kill()
                    self.assertNotEqual(process.returncode, -9)

    def test_no_libcurl(self):
        """without libcurl it names the package to install"""
        libraries = subprocess.run(["ldconfig", "-p"], capture_output=True, text=True, check=True).stdout
        path = os.path.realpath(re.search(r"libcurl\.so\.4 .*=> (\S+)", libraries)[1])
        done = subprocess.run(["unshare", "--mount", "sh", "-c", 'mount --bind /dev/null "$1" && exec "$2" push --url http://127.0.0.1:1', "sh", path,
                               support.BINARY], capture_output=True, text=True)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("install the package libcurl4", done.stderr)


class Recorder(http.server.BaseHTTPRequestHandler):
    """Takes every push and remembers its headers."""
    protocol_version = "HTTP/1.1"

    def do_PUT(self):
        self.server.seen.append((dict(self.headers), self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


class Serving(unittest.TestCase):
    def test_scraped_and_pushing(self):
        """one process is scraped and pushes, counts its pushes, and pushes all that a scrape sees"""
        with pushgateway() as gateway:
            words = ["--push.url", gateway.url, "--push.interval", "1s", "--push.delete-on-exit", "--sampler.interval", "1s"]
            with support.exporter(*words) as exporter:
                support.until(lambda: b"portpool_capacity_ports" in support.get(gateway.port)[2])
                scraped = support.until(lambda: (t := support.get(exporter.port)[2].decode()) and
                                        series(t).get(("portpool_push_total", frozenset()), 0) >= 2 and t)
                found = series(scraped)
                self.assertGreater(found["portpool_push_last_success_timestamp_seconds", frozenset()], 1.7e9)
                reasons = {dict(labels)["reason"]: value for (name, labels), value in found.items() if name == "portpool_push_failures_total"}
                self.assertEqual(set(reasons.values()), {0})
                self.assertIn("no_local_port", reasons)
                self.assertIn("portpool_worst_tuple_used_ports_peak", {name for name, _ in found})
                pushed = series(support.get(gateway.port)[2].decode(), without=("instance", "job"))
                self.assertEqual(pushed.keys(), found.keys())
                self.assertIn("libcurl", pathlib.Path(f"/proc/{exporter.process.pid}/maps").read_text())
                self.assertEqual(exporter.stop(), 0, exporter.said)
            self.assertNotIn(b"portpool_capacity_ports", support.get(gateway.port)[2])

    def test_gateway_goes_and_comes(self):
        """a gateway that goes away is one log line, one that comes back another"""
        with support.exporter("--push.url", f"http://127.0.0.1:{(port := support.free_port())}", "--push.interval", "1s") as exporter:
            support.until(lambda: "push failed" in exporter.said)
            support.until(lambda: series(support.get(exporter.port)[2].decode())[
                "portpool_push_failures_total", frozenset({("reason", "connection")})] >= 2)
            self.assertEqual(exporter.said.count("push failed"), 1, exporter.said)
            with support.Program(["prometheus-pushgateway", f"--web.listen-address=127.0.0.1:{port}", "--persistence.file="]):
                support.until(lambda: "push works again" in exporter.said)
            self.assertEqual(support.get(exporter.port)[0], 200)

    def test_remote_write_staleness(self):
        """series end when the program does"""
        with prometheus() as server, support.exporter("--push.url", server.url, "--push.format", "remote-write", "--push.interval", "1s") as exporter:
            support.until(lambda: len(query(server.port, '{job="portpool"}')) > 100)
            self.assertEqual(exporter.stop(), 0, exporter.said)
            self.assertEqual(query(server.port, '{job="portpool"}'), {})

    def test_secrets(self):
        """a secret is sent, and shows in no log, process list or metric"""
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Recorder)
        server.seen = []
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        with tempfile.NamedTemporaryFile("w") as file:
            file.write("hunter2-of-the-test\n")
            file.flush()
            with support.exporter("--push.url", f"http://127.0.0.1:{server.server_port}", "--push.interval", "1s", "--push.bearer-token-file",
                                  file.name, "--log.level", "debug") as exporter:
                support.until(lambda: len(server.seen) >= 2)
                self.assertEqual(server.seen[0][0]["Authorization"], "Bearer hunter2-of-the-test")
                self.assertEqual(server.seen[0][0]["Content-Type"], "text/plain; version=0.0.4; charset=utf-8")
                process = pathlib.Path(f"/proc/{exporter.process.pid}")
                shown = (process / "cmdline").read_bytes() + (process / "environ").read_bytes() + support.get(exporter.port)[2]
                self.assertNotIn(b"hunter2", shown + server.seen[0][1])
                exporter.stop()
                self.assertNotIn("hunter2", exporter.said)

    def test_bad_start(self):
        """a secret that cannot be read ends it at the start, status 1"""
        _, err = support.portpool("serve", "--web.listen-address", f"127.0.0.1:{support.free_port()}", "--push.url", "http://127.0.0.1:1",
                                  "--push.bearer-token-file", "/no/such/file", status=1)
        self.assertIn("/no/such/file", err)


class Textfile(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.file = self.folder / "portpool.prom"
        self.words = ["snapshot", "--format", "prometheus", "--output", str(self.file)]

    def names(self):
        return sorted(entry.name for entry in self.folder.iterdir())

    def test_node_exporter(self):
        """node_exporter shows what was written"""
        support.portpool(*self.words)
        self.assertEqual(self.names(), ["portpool.prom"])
        self.assertEqual(self.file.stat().st_mode & 0o7777, 0o644)
        port = support.free_port()
        with support.Program(["prometheus-node-exporter", f"--web.listen-address=127.0.0.1:{port}", "--collector.disable-defaults",
                              "--collector.textfile", f"--collector.textfile.directory={self.folder}"]) as program:
            program.wait_for_port(port)
            body = support.get(port)[2].decode()
            self.assertIn("node_textfile_scrape_error 0", body)
            self.assertEqual(series(body), series(self.file.read_text()))

    def test_mode(self):
        """the mode is 0644 whatever the umask, and an old file is replaced whole"""
        self.file.write_text("former content\n" * 100_000)
        subprocess.run(["sh", "-c", 'umask 077; exec "$@"', "sh", support.BINARY, *self.words], check=True)
        self.assertEqual(self.file.stat().st_mode & 0o7777, 0o644)
        self.assertNotIn("former content", self.file.read_text())

    def test_interval(self):
        """--interval keeps it fresh, and ends with status 0"""
        with support.Program([support.BINARY, *self.words, "--interval", "1s"]) as program:
            support.until(self.file.exists, every=0.02)
            first = self.file.stat().st_ino, self.file.stat().st_mtime_ns
            support.until(lambda: (self.file.stat().st_ino, self.file.stat().st_mtime_ns) != first)
            self.assertEqual(program.stop(), 0, program.said)
            self.assertEqual(program.said, "")
        self.assertEqual(self.names(), ["portpool.prom"])

    def test_killed(self):
        """a program that is killed on the way leaves the old file or the new one, and no other"""
        support.portpool(*self.words)
        for milliseconds in range(0, 120, 8):
            process = subprocess.Popen([support.BINARY, *self.words], stdin=subprocess.DEVNULL)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=milliseconds / 1000)
            process.send_signal(signal.SIGTERM)
            process.wait()
            self.assertEqual(self.names(), ["portpool.prom"])
            self.assertIn("portpool_capacity_ports", self.file.read_text())

    def test_full_disk(self):
        """a full disk is named, leaves the old file, and nothing beside it"""
        script = """
            mount -t tmpfs -o size=128k tmpfs "$1" && echo old > "$1/portpool.prom" && { head -c 1000000 /dev/zero > "$1/filler" || true; }
            shift; "$@"; status=$?; ls -A "$(dirname "$6")"; cat "$6"; exit $status
        """
        done = subprocess.run(["unshare", "--mount", "sh", "-c", script, "sh", str(self.folder), support.BINARY, *self.words],
                              capture_output=True, text=True)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertRegex(done.stderr, r"--output .*portpool\.prom.*: No space left on device")
        self.assertEqual(done.stdout.split(), ["filler", "portpool.prom", "old"])

    def test_devices(self):
        """a device, a FIFO and a symbolic link stay what they are"""
        link = self.folder / "stdout"
        link.symlink_to("/proc/self/fd/1")
        null = self.folder / "null"
        os.mknod(null, 0o666 | stat.S_IFCHR, os.makedev(1, 3))
        self.assertIn("portpool_capacity_ports", support.portpool(*self.words[:-1], str(link))[0])
        support.portpool(*self.words[:-1], str(null))
        self.assertTrue(stat.S_ISCHR(null.stat().st_mode))
        self.assertTrue(link.is_symlink())
        with open(self.folder / "log", "w") as log:
            log.write("before\n")
            log.flush()
            subprocess.run([support.BINARY, *self.words[:-1], str(link)], stdout=log, check=True)
        text = (self.folder / "log").read_text()
        self.assertTrue(text.startswith("before\n") and "portpool_capacity_ports" in text)
        self.assertEqual(self.names(), ["log", "null", "stdout"])

    def test_overlay(self):
        """on an overlay, which has files without a name only in newer kernels, nothing but the file is left"""
        script = """
            mount -t tmpfs lower "$1" && mkdir "$1/l" "$1/u" "$1/w" "$1/m" && mount -t overlay overlay -o "lowerdir=$1/l,upperdir=$1/u,workdir=$1/w" "$1/m" &&
            cd "$1/m" && shift && "$@" --output portpool.prom && ls -A && wc -c < portpool.prom
        """
        done = subprocess.run(["unshare", "--mount", "sh", "-c", script, "sh", str(self.folder), support.BINARY, *self.words[:-2]], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout.split()[0], "portpool.prom")
        self.assertGreater(int(done.stdout.split()[1]), 1_000)

    def test_no_folder(self):
        """a folder that is not there is named"""
        for extra in ([], ["--interval", "1s"]):
            _, err = support.portpool("snapshot", "--format", "prometheus", "--output", "/no/such/folder/x.prom", *extra, status=1)
            self.assertIn("/no/such/folder/x.prom", err)


if __name__ == "__main__":
    unittest.main()
