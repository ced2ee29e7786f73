"""`portpool top`: on a terminal, where there is none, and looking at another host."""
import base64
import contextlib
import copy
import fcntl
import http.server
import json
import os
import pathlib
import pty
import re
import signal
import socket
import ssl
import struct
import subprocess
import tempfile
import termios
import threading
import time
import unittest

import support
from terminal import Terminal

FAST = f"{support.BINARY} top --interval 200ms"


class Connections:
    """Connections to a listener outside of the pool, held until the test ends."""

    def __init__(self, count, address="127.0.0.9", port=8080):
        self.listener = socket.create_server((address, port), backlog=4096)
        self.destination = f"{address}:{port}"
        self.clients, self.servers = [], []
        self.more(count)

    def more(self, count):
        address, port = self.listener.getsockname()
        self.clients += [socket.create_connection((address, port)) for _ in range(count)]
        self.servers += [self.listener.accept()[0] for _ in range(count)]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for one in self.clients + self.servers:
            # No TIME_WAIT, so that the next test finds an empty pool.
            one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        for one in [*self.clients, *self.servers, self.listener]:
            one.close()


class Host(http.server.ThreadingHTTPServer):
    """Another host's exporter, as good or bad as a test wants it."""

    def __init__(self, body, status=200, login=None, token=None, delay=0.0, certificate=None):
        self.body, self.status, self.login, self.token, self.delay = body, status, login, token, delay
        super().__init__(("127.0.0.1", 0), Answer)
        self.connections = 0
        self.scheme = "http"
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate, certificate)
            self.socket = context.wrap_socket(self.socket, server_side=True)
            self.scheme = "https"
        self.url = f"{self.scheme}://127.0.0.1:{self.server_port}"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, *_):
        pass  # A client that does not trust the certificate goes away: that is the test.

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()


class Answer(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def setup(self):
        super().setup()
        self.server.connections += 1

    def do_GET(self):
        time.sleep(self.server.delay)
        wanted = [f"Basic {base64.b64encode(self.server.login.encode()).decode()}"] if self.server.login else []
        wanted += [f"Bearer {self.server.token}"] if self.server.token else []
        status = 401 if wanted and self.headers.get("Authorization") not in wanted else self.server.status
        if self.path != "/api/v1/snapshot":
            status = 404
        body = self.server.body if status == 200 else b"no such luck\n"
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def document():
    return json.loads(support.portpool("snapshot", "--format", "json")[0])


def rows(text):
    """The lines of --batch, a dictionary each."""
    lines = text.splitlines()
    names = lines[0].split()
    return [dict(zip(names, re.split(r"  +", line))) for line in lines[1:]]


class Lines(unittest.TestCase):
    def test_columns(self):
        """--batch prints each pool and the fullest tuples, from the second look on with rates"""
        with Connections(30) as held:
            out, err = support.portpool("top", "--batch", "--count", "2", "--interval", "200ms")
        self.assertEqual(err, "")
        found = rows(out)
        self.assertEqual([r["WHAT"] for r in found[:6]],
                         ["connect/ipv4", "connect/ipv6", "bind/ipv4", "bind/ipv6", "udp/ipv4", "udp/ipv6"])
        for row in found:
            self.assertRegex(row["TIME"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
            self.assertEqual(row["NETNS"], "host")
        tuples = [r for r in found if r["WHAT"] == "tuple" and r["TUPLE"].endswith(held.destination)]
        self.assertEqual([(r["USED"], r["RATE"]) for r in tuples], [("30", "-"), ("30", "0")])
        worst = [r for r in found if r["WHAT"] == "connect/ipv4"]
        self.assertEqual([r["USED"] for r in worst], ["30", "30"])
        self.assertEqual(int(worst[0]["CAPACITY"]) - 30, int(worst[0]["LEFT"]))

    def test_no_terminal(self):
        """without a terminal it prints lines until it is stopped, and a closed pipe ends it"""
        process = subprocess.Popen([support.BINARY, "top", "--interval", "100ms"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True)
        with process:
            self.assertTrue(process.stdout.readline().startswith("TIME"))
            seen = [process.stdout.readline() for _ in range(13)]
            self.assertEqual(sum("connect/ipv4" in line for line in seen), 3)
            self.assertNotIn("\x1b", "".join(seen))
            process.stdout.close()
            self.assertEqual(process.wait(timeout=20), -signal.SIGPIPE)

    def test_dumb_terminal(self):
        """a terminal that cannot place a cursor gets lines"""
        with Terminal(term="dumb", columns=120) as terminal:
            terminal.type(FAST)
            terminal.see("connect/ipv4", "udp/ipv6")
            self.assertEqual(terminal.ask("#{alternate_on}"), "0")
            terminal.press("C-c")
            terminal.type("echo status=$?")
            terminal.see("status=130")

    def test_usage(self):
        """what cannot be meant is a usage error that names the flag"""
        for words, says in [
            (["--interval", "5"], "interval"), (["--interval", "1ms"], "--interval"), (["--count", "0"], "--count"),
            (["--basic-auth-file", "a"], "--basic-auth-file.*--url"), (["--ca-file", "a"], "--ca-file.*--url"),
            (["--url", "db-3:10097"], "--url.*http"), (["--url", "http://user:secret@db-3"], "--url.*--basic-auth-file"),
            (["--url", "http://db-3?a=b"], "--url.*query"), (["--url", "http://db-3", "--ca-file", "a"], "--ca-file.*https"),
            (["--url", "http://db-3", "--basic-auth-file", "a", "--bearer-token-file", "b"], "give one of them"),
            (["--timeout", "soon", "--url", "http://db-3"], "timeout"),
        ]:
            with self.subTest(words=words):
                out, err = support.portpool("top", *words, status=64)
                self.assertEqual(out, "")
                self.assertRegex(err, says)
                self.assertNotIn("secret", err)
        self.assertIn("EXAMPLES", support.portpool("top", "--help")[0])


class Keys(unittest.TestCase):
    def test_keys(self):
        """keys choose screens, sort, filter, pause, choose pools and quit; the terminal is as it was"""
        with Connections(40) as held, Connections(5, "127.0.0.10", 9090) as other, Terminal() as terminal:
            before = terminal.settings()
            terminal.type("echo what stood here before")
            terminal.type(FAST)
            screen = terminal.see("TUPLES", held.destination, other.destination, "PORTS TCP", "■ local 45", "q quit")
            self.assertLess(screen.index(held.destination), screen.index(other.destination))
            self.assertNotIn("what stood here", screen)
            terminal.press("2")
            terminal.see(held.destination, without=["PORTS"])
            terminal.press("S")
            screen = terminal.see("used▲")
            self.assertGreater(screen.index(held.destination), screen.index(other.destination))
            terminal.press("s")
            terminal.see("rate▼")
            terminal.press("/")
            terminal.press("9", "0", "9")
            terminal.see(" /909", other.destination, without=[held.destination])
            terminal.press("Enter")
            terminal.see("filter: 909", other.destination, without=[held.destination])
            terminal.press("Escape")
            terminal.see(held.destination)
            terminal.press("3")
            terminal.see("PORTS TCP", "a cell is", without=["TUPLES"])
            terminal.press("1")
            terminal.press("BTab")
            terminal.see("▸ UDP over IPv6", "PORTS UDP")
            terminal.press("Tab")
            terminal.see("▸ connect() over IPv4", "PORTS TCP")
            terminal.press("p")
            paused = terminal.see("paused")
            time.sleep(1.5)
            self.assertEqual(terminal.screen(), paused)
            terminal.press("p")
            terminal.see("TUPLES", without=["paused"])
            support.until(lambda: terminal.screen().splitlines()[0] != paused.splitlines()[0].replace("paused", "      "))
            terminal.press("?")
            terminal.see("KEYS", "WORDS")
            terminal.press("x")
            terminal.see("POOL", without=["WORDS"])
            terminal.press("q")
            terminal.see("what stood here before", without=["TUPLES"])
            terminal.type("echo status=$?")
            terminal.see("status=0")
            self.assertEqual(terminal.settings(), before)
            self.assertEqual(terminal.ask("#{cursor_flag} #{alternate_on} #{wrap_flag}"), "1 0 1")

    def test_growth(self):
        """new connections show in numbers and rates, and the pool's end is foretold"""
        support.sysctl("ipv4/ip_local_port_range", "40000 40099")
        try:
            with Connections(60) as held, Terminal(columns=100) as terminal:
                terminal.type(FAST)
                terminal.see("connect() over IPv4 is 60% used: 40 left before EADDRNOTAVAIL", "60%", "ports 40000–40099")
                held.more(35)
                terminal.see("is 95% used: 5 left before EADDRNOTAVAIL")
                self.assertRegex(terminal.screen(), r"127\.0\.0\.9:8080 +95 ")
        finally:
            support.sysctl("ipv4/ip_local_port_range", "32768 60999")


class Sizes(unittest.TestCase):
    def test_resize(self):
        """it fills the terminal at every size, without a line that wraps"""
        with Connections(40), Terminal() as terminal:
            terminal.type(FAST)
            terminal.see("TUPLES", "trend")
            for columns, rows_ in [(40, 24), (120, 40), (20, 5), (80, 24), (200, 50), (60, 12), (80, 24)]:
                with self.subTest(columns=columns, rows=rows_):
                    terminal.resize(columns, rows_)
                    wanted = "trend" if columns >= 80 else "q quit"
                    support.until(lambda: self.fits(terminal, columns, rows_, wanted))
            terminal.press("q")
            terminal.see("ready>", without=["POOL"])

    @staticmethod
    def fits(terminal, columns, rows_, wanted):
        lines = terminal.screen().split("\n")[:rows_]
        # The first and the last line of a frame are where they belong, and nothing of another size is left over.
        return (lines[0].startswith(" portpool") and lines[-1].startswith(" q quit") and wanted in "\n".join(lines)
                and sum(line.startswith(" portpool") for line in lines) == 1 and all(len(line) <= columns for line in lines)
                and (columns < 80 or any(line.endswith("Z") and len(line) == columns - 1 for line in lines[:1])))

    def test_colors(self):
        """256 colours, 16 or none, as TERM and NO_COLOR say"""
        for term, environment, has, lacks in [
            ("screen-256color", "", "38;5;", None), ("screen", "", "\x1b[32m", "38;5;"), ("screen-256color", "NO_COLOR=1", "\x1b[1m", "\x1b[3"),
        ]:
            with self.subTest(term=term, environment=environment), Connections(5), Terminal(term=term) as terminal:
                terminal.type(f"{environment} {FAST}")
                terminal.see("TUPLES", "127.0.0.9:8080")
                colors = terminal.screen("-e")
                self.assertIn(has, colors)
                if lacks:
                    self.assertNotRegex(colors, re.escape(lacks) + r"[0-7]")

    def test_ascii(self):
        """a locale that is not UTF-8 gets ASCII"""
        with Connections(5), Terminal() as terminal:
            terminal.type(f"LC_ALL=C {FAST}")
            self.assertTrue(terminal.see("TUPLES", "127.0.0.9:8080").isascii())


class Endings(unittest.TestCase):
    def end(self, act, status):
        """`act` on the running program; then the terminal must be as it was and the shell must have seen `status`."""
        with Terminal() as terminal:
            before = terminal.settings()
            terminal.type("echo what stood here before")
            terminal.type(FAST)
            terminal.see("TUPLES", "q quit")
            self.assertEqual(terminal.ask("#{cursor_flag} #{alternate_on}"), "0 1")
            act(terminal)
            terminal.see("what stood here before", "ready>", without=["TUPLES"])
            terminal.type("echo status=$?")
            terminal.see(f"status={status}")
            self.assertEqual(terminal.settings(), before)
            self.assertEqual(terminal.ask("#{cursor_flag} #{alternate_on} #{wrap_flag}"), "1 0 1")

    def test_interrupt(self):
        """Ctrl-C quits"""
        self.end(lambda terminal: terminal.press("C-c"), 0)

    def test_signals(self):
        """a signal that ends it gives the terminal back, and the shell learns of the signal"""
        for by in (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
            with self.subTest(by=by.name):
                self.end(lambda terminal: os.kill(terminal.pid_of("portpool"), by), 128 + by)

    def test_crashes(self):
        """a crash gives the terminal back too"""
        for by in (signal.SIGSEGV, signal.SIGABRT, signal.SIGILL):
            with self.subTest(by=by.name):
                self.end(lambda terminal: os.kill(terminal.pid_of("portpool"), by), 128 + by)

    def test_signal_while_help_is_open(self):
        """whatever is shown, a signal ends it"""
        def act(terminal):
            terminal.press("?")
            terminal.see("WORDS")
            os.kill(terminal.pid_of("portpool"), signal.SIGTERM)
        self.end(act, 143)

    def test_suspend(self):
        """Ctrl-Z gives the terminal to the shell, and fg takes it again"""
        with Terminal() as terminal:
            before = terminal.settings()
            terminal.type(FAST)
            terminal.see("TUPLES", "q quit")
            for _ in range(3):
                terminal.press("C-z")
                terminal.see("Stopped", without=["TUPLES"])
                self.assertEqual(terminal.settings(), before)
                self.assertEqual(terminal.ask("#{cursor_flag} #{alternate_on}"), "1 0")
                terminal.type("fg")
                terminal.see("TUPLES", "q quit")
                self.assertEqual(terminal.ask("#{cursor_flag} #{alternate_on}"), "0 1")
            terminal.press("q")
            terminal.see("ready>", without=["TUPLES"])
            self.assertEqual(terminal.settings(), before)

    def test_stop_and_go(self):
        """after SIGSTOP, which nobody can see coming, SIGCONT draws it again"""
        with Terminal() as terminal:
            terminal.type(FAST)
            terminal.see("TUPLES", "q quit")
            pid = terminal.pid_of("portpool")
            os.kill(pid, signal.SIGSTOP)
            terminal.see("Stopped")
            terminal.type("fg")
            terminal.see("TUPLES", "q quit", without=["Stopped"])
            terminal.press("q")
            terminal.see("ready>", without=["TUPLES"])

    def test_suspend_without_shell(self):
        """where no shell could let it go on, as with `ssh HOST portpool top`, Ctrl-Z does not leave it hanging"""
        with Terminal() as terminal:
            terminal.type(f"exec {FAST}")
            terminal.see("TUPLES", "q quit")
            pid = int(terminal.ask("#{pane_pid}"))
            terminal.press("C-z")
            terminal.press("?")
            terminal.see("WORDS")
            self.assertNotIn("T (stopped)", pathlib.Path(f"/proc/{pid}/status").read_text())

    def test_stuck_terminal(self):
        """a terminal that takes nothing any more, at the end of a dead line, does not keep it from ending"""
        pid, terminal = pty.fork()
        if pid == 0:
            os.execve(support.BINARY, [support.BINARY, "top", "--interval", "100ms"], {"TERM": "xterm-256color", "LC_ALL": "C.UTF-8"})
        try:
            before = termios.tcgetattr(terminal)
            fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 200, 250, 0, 0))
            support.until(lambda: termios.tcgetattr(terminal)[3] != before[3], seconds=20, every=0.02)
            # Nobody reads, and each Ctrl-L asks for a whole frame again: more than the kernel keeps for a reader.
            for _ in range(100):
                os.write(terminal, b"\x0c")
                time.sleep(0.03)
            os.kill(pid, signal.SIGTERM)
            support.until(lambda: os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT), seconds=20, every=0.05)
            self.assertEqual(termios.tcgetattr(terminal), before)
            self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), -signal.SIGTERM)
            pid = None
            written = b""
            while piece := self.rest(terminal):
                written += piece
            self.assertLess(written.count(b"\x1b[2J"), 60, "every frame was taken, so it never had to wait")
        finally:
            if pid:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
            os.close(terminal)

    @staticmethod
    def rest(terminal):
        try:
            return os.read(terminal, 1 << 16)
        except OSError:
            return b""

    def test_terminal_goes(self):
        """it ends when its terminal goes away"""
        with Terminal() as terminal:
            terminal.type(FAST)
            terminal.see("TUPLES")
            pid = terminal.pid_of("portpool")
            terminal.tmux("kill-server")
            support.until(lambda: not pathlib.Path(f"/proc/{pid}").exists(), seconds=20)


class Namespaces(unittest.TestCase):
    def test_namespaces(self):
        """--collector.namespaces adds the other namespaces: the full one is told of, and one that is calm is not walked"""
        inside = "ip link set lo up; echo '40000 40009' > /proc/sys/net/ipv4/ip_local_port_range; exec python3 -c \"$HOLD\""
        hold = ("import socket, sys\n"
                "l = socket.create_server(('127.0.0.1', 8080))\n"
                "held = [socket.create_connection(('127.0.0.1', 8080)) for _ in range(9)]\n"
                "print('ready', flush=True)\n"
                "sys.stdin.read()\n")
        with contextlib.ExitStack() as stack:
            inodes = []
            for script in (inside, "echo ready; read line"):
                process = stack.enter_context(subprocess.Popen(
                    ["unshare", "--net", "bash", "-c", script], env=os.environ | {"HOLD": hold}, stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE, text=True))
                stack.callback(process.stdin.close)
                self.assertEqual(process.stdout.readline(), "ready\n")
                inodes.append(re.search(r"\d+", os.readlink(f"/proc/{process.pid}/ns/net"))[0])
            full, calm = inodes
            words = ["--collector.namespaces", "--namespaces.include", full, "--namespaces.include", calm]
            found = rows(support.portpool("top", "--count", "1", *words)[0])
            self.assertEqual([(r["USED"], r["LEFT"]) for r in found if r["NETNS"] == full and r["WHAT"] == "connect/ipv4"], [("9", "1")])
            with Terminal(columns=120) as terminal:
                terminal.type(f"{FAST} {' '.join(words)}")
                terminal.see(f"{full}: connect() over IPv4 is 90% used: 1 left before EADDRNOTAVAIL")
                terminal.press("5")
                terminal.see("NAMESPACES 3", "host", full, f"  {calm}", "not walked")
                terminal.press("n")
                terminal.see("ports 40000–40009")
                terminal.press("q")
                terminal.see("ready>", without=["NAMESPACES"])


class OtherHost(unittest.TestCase):
    def test_same_view(self):
        """through /api/v1/snapshot it shows what it shows on the host itself"""
        with support.exporter() as exporter, Connections(50) as held, Terminal(columns=100, rows=30) as terminal:
            url = f"http://127.0.0.1:{exporter.port}"
            for words in ([], ["--url", url], ["--url", url + "/"], ["--url", url + "/api/v1/snapshot"]):
                found = rows(support.portpool("top", "--count", "1", *words)[0])
                self.assertEqual([r["USED"] for r in found if r["TUPLE"].endswith(held.destination) and r["WHAT"] == "tuple"], ["50"], words)
            terminal.type(f"{FAST} --url {url}")
            terminal.see(url, held.destination, "PORTS TCP", "▀")
            terminal.press("q")
            terminal.see("ready>", without=["TUPLES"])

    def test_killed(self):
        """kill -9 of the exporter shows an error beside what was seen last; when it is back, the view goes on"""
        port = support.free_port()
        with Terminal(columns=100) as terminal:
            before = terminal.settings()
            with support.exporter(port=port) as exporter:
                terminal.type(f"{FAST} --url http://127.0.0.1:{port}")
                terminal.see("POOL", without=["!"])
                exporter.process.kill()
                exporter.process.wait()
                terminal.see(f"! http://127.0.0.1:{port}/api/v1/snapshot:", "refused", "stale", "POOL")
            with support.exporter(port=port):
                terminal.see("POOL", without=["!", "stale", "refused"])
                terminal.press("q")
            terminal.see("ready>", without=["POOL"])
            self.assertEqual(terminal.settings(), before)

    def test_never_there(self):
        """a host that was never there is named in the view, and in lines on standard error with status 1"""
        url = f"http://127.0.0.1:{support.free_port()}"
        out, err = support.portpool("top", "--count", "1", "--url", url, status=1)
        self.assertEqual(len(out.splitlines()), 1, "the header alone")
        self.assertRegex(err, rf"^portpool: {url}/api/v1/snapshot: .*refused\n$")
        with Terminal() as terminal:
            terminal.type(f"{FAST} --url {url}")
            terminal.see(f"! {url}", "refused", "q quit")
            terminal.press("q")
            terminal.see("ready>", without=["!"])

    def test_silent(self):
        """a host that takes its time does not keep keys waiting, and runs into the time limit"""
        with Host(b"", delay=30) as host, Terminal(columns=100) as terminal:
            terminal.type(f"{FAST} --timeout 1s --url {host.url}")
            terminal.see("looking")
            terminal.press("?")
            terminal.see("WORDS", seconds=5)
            terminal.press("?")
            terminal.see("! ", "timed out")
            terminal.press("q")
            terminal.see("ready>", without=["!"])

    def test_credentials(self):
        """a login and a token are read from files, and never shown"""
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        (folder / "login").write_text("portpool:correct horse\n")
        (folder / "wrong").write_text("portpool:battery staple\n")
        (folder / "token").write_text("s3cr3t-token\n")
        body = json.dumps(document()).encode()
        with Host(body, login="portpool:correct horse") as host:
            support.portpool("top", "--count", "1", "--url", host.url, "--basic-auth-file", str(folder / "login"))
            for words in ([], ["--basic-auth-file", str(folder / "wrong")]):
                err = support.portpool("top", "--count", "1", "--url", host.url, *words, status=1)[1]
                self.assertIn("401 Unauthorized", err)
                self.assertNotIn("staple", err)
            err = support.portpool("top", "--count", "1", "--url", host.url, "--basic-auth-file", str(folder / "none"), status=1)[1]
            self.assertIn("none", err)
        with Host(body, token="s3cr3t-token") as host:
            support.portpool("top", "--count", "1", "--url", host.url, "--bearer-token-file", str(folder / "token"))

    def test_certificates(self):
        """https is checked against --ca-file, and a certificate that is not known is refused"""
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        for name in ("host", "other"):
            subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1",
                            "-subj", f"/CN={name}", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", folder / f"{name}.key", "-out",
                            folder / f"{name}.crt"], check=True, capture_output=True)
            (folder / f"{name}.pem").write_bytes((folder / f"{name}.crt").read_bytes() + (folder / f"{name}.key").read_bytes())
        with Host(json.dumps(document()).encode(), certificate=folder / "host.pem") as host:
            support.portpool("top", "--count", "1", "--url", host.url, "--ca-file", str(folder / "host.crt"))
            for words in ([], ["--ca-file", str(folder / "other.crt")]):
                self.assertIn("certificate", support.portpool("top", "--count", "1", "--url", host.url, *words, status=1)[1])

    def test_one_connection(self):
        """look after look goes over one connection: it takes one local port and not one each"""
        with Host(json.dumps(document()).encode()) as host:
            support.portpool("top", "--count", "8", "--interval", "100ms", "--url", host.url)
            self.assertEqual(host.connections, 1)

    def test_strange_answers(self):
        """an answer that is no snapshot is named, whatever it is, and nothing in it crashes the view or reaches the terminal"""
        good = document()
        wrong = copy.deepcopy(good)
        wrong["namespaces"][0]["tcp"]["used"] = "many"
        lacking = copy.deepcopy(good)
        del lacking["namespaces"][0]["tcp"]["connect"]["capacity"]
        for body, status, says in [
            (b"<html>", 200, "no JSON"), (b"", 200, "no JSON"), (b"{}", 200, "has no"), (b"no", 404, "404 Not Found: no such luck"),
            (b"", 503, "503"), (json.dumps(wrong).encode(), 200, r"tcp\.used"), (json.dumps(lacking).encode(), 200, r"connect\.capacity"),
        ]:
            with self.subTest(body=body[:40], status=status), Host(body, status=status) as host:
                self.assertRegex(support.portpool("top", "--count", "1", "--url", host.url, status=1)[1], says)
        hostile = copy.deepcopy(good)
        one = hostile["namespaces"][0]
        one["netns"] = "\x1b]0;gotcha\x07\x1b[2J" + "x" * 100_000
        one["capacity"], one["tcp"]["connect"]["capacity"] = 2**63 - 1, -2**63
        one["tcp"]["bind"]["wildcard_headroom"], one["udp"]["autobind"]["headroom"] = -2**63, 2**63 - 1
        one["tcp"]["map"], one["udp"]["map"] = ".99999999999999999999999", "\x1b"
        one["tcp"]["connect"]["tuple_count"] = {"ipv4": 2**63 - 1, "ipv6": 2**63 - 1}
        one["tcp"]["connect"]["tuples"] = [{
            "source": "\x9b2J", "destination": "::\x00", "port": 1, "used": 2**63 - 1, "reusable": -2**63, "headroom": -1,
            "first_parity_free": 2**63 - 1, "returning": {"5": -2**63, "60": 2**63 - 1}}]
        one["tcp"]["connect"].pop("worst", None)
        hostile["errors"] = ["\x1b[31mred"]
        hostile["namespaces"].append(copy.deepcopy(one))
        with Host(json.dumps(hostile).encode()) as host, Terminal() as terminal:
            out, err = support.portpool("top", "--count", "2", "--interval", "100ms", "--url", host.url, status=1)
            self.assertNotRegex(out + err, r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")
            terminal.type(f"{FAST} --url {host.url}")
            terminal.see("! ?[31mred", "TUPLES")
            for key in "2345n":
                terminal.press(key)
                terminal.see(" portpool", "q quit")
            self.assertNotIn("gotcha", terminal.ask("#{pane_title}"))
            terminal.press("q")
            terminal.see("ready>", without=["TUPLES"])

    def test_older_exporter(self):
        """an exporter that does not send the port map is shown without it"""
        old = document()
        for transport in ("tcp", "udp"):
            old["namespaces"][0][transport].pop("map", None)
        old["namespaces"][0]["tcp"]["connect"].pop("worst", None)
        with Host(json.dumps(old).encode()) as host, Terminal() as terminal:
            terminal.type(f"{FAST} --url {host.url}")
            terminal.see("TUPLES", without=["PORTS", "!"])
            terminal.press("3")
            terminal.see("does not say which ports", "■ client")
            terminal.press("q")
            terminal.see("ready>", without=["PORTS"])


if __name__ == "__main__":
    unittest.main()
