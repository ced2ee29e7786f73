"""The program as a process: how it starts, stops, refuses, and what it carries along."""
import contextlib
import errno
import json
import os
import pathlib
import re
import resource
import signal
import socket
import subprocess
import tempfile
import time
import unittest

import no_ipv6
import support


class Stopping(unittest.TestCase):
    def test_signals(self):
        """SIGTERM and SIGINT end it with status 0"""
        for by in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(by=by.name), support.exporter() as exporter:
                self.assertEqual(support.get(exporter.port)[0], 200)
                self.assertEqual(exporter.stop(by), 0, exporter.said)

    def test_held_connection(self):
        """a client that holds its connection open does not keep it from stopping"""
        with support.exporter() as exporter, socket.create_connection(("127.0.0.1", exporter.port)) as client:
            client.sendall(b"GET /-/healthy HTTP/1.1\r\nHost: a\r\n\r\n")
            self.assertIn(b"200 OK", client.recv(1000))
            self.assertEqual(exporter.stop(), 0, exporter.said)

    def test_port_is_free_again(self):
        """it can start again on the port it just left"""
        port = support.free_port()
        for _ in range(3):
            with support.exporter(port=port) as exporter:
                self.assertEqual(support.get(port)[0], 200)
                self.assertEqual(exporter.stop(), 0)


class Descriptors(unittest.TestCase):
    def test_few_files(self):
        """where few files may be open, a client that holds as many connections as it can keeps no scrape from its answer"""
        few = {"preexec_fn": lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (32, 32))}
        with support.exporter(**few) as exporter, contextlib.ExitStack() as held:
            for _ in range(60):
                held.enter_context(socket.create_connection(("127.0.0.1", exporter.port)))
            for _ in range(5):
                begin = time.monotonic()
                status, _, body = support.get(exporter.port)
                self.assertLess(time.monotonic() - begin, 1)
                self.assertEqual(status, 200)
                self.assertIn(b'portpool_scrape_collector_success{collector="tcp"} 1', body)
            self.assertEqual(exporter.stop(), 0)
            self.assertNotIn("cannot accept", exporter.said)
            self.assertIn("connections=4\n", exporter.said)

    def test_no_descriptor(self):
        """out of descriptors, connections wait; the log says once that they do and once that it is over, and no processor is burnt"""
        with support.exporter() as exporter, contextlib.ExitStack() as held:
            pid = exporter.process.pid
            before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
            # By then it has closed the connections that show what the kernel can do.
            support.until(lambda: b'ability="reuses_fin_wait2"' in support.get(exporter.port)[2])
            highest = max(map(int, os.listdir(f"/proc/{pid}/fd")))
            resource.prlimit(pid, resource.RLIMIT_NOFILE, (highest + 1, before[1]))
            for _ in range(40):
                held.enter_context(socket.create_connection(("127.0.0.1", exporter.port)))
            support.until(lambda: "cannot accept" in exporter.said, every=0.02)
            burnt = processor_time(pid)
            time.sleep(2)
            self.assertLess(processor_time(pid) - burnt, 0.2)
            self.assertEqual(exporter.said.count("cannot accept"), 1, exporter.said)
            self.assertNotIn("again", exporter.said)
            resource.prlimit(pid, resource.RLIMIT_NOFILE, before)
            self.assertEqual(support.get(exporter.port)[0], 200)
            self.assertEqual(exporter.stop(), 0)
            self.assertEqual(exporter.said.count("accepting connections again"), 1, exporter.said)
            self.assertEqual(exporter.said.count("cannot accept"), 1, exporter.said)


def processor_time(pid):
    """Seconds of a processor that the process has used."""
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Starting(unittest.TestCase):
    def test_version(self):
        """--version goes to standard output and names what it was built from"""
        out, err = support.portpool("--version")
        self.assertRegex(out, r"^portpool \d+\.\d+\.\d+ \(revision [0-9a-z]+, Swift \d.*\)\n$")
        self.assertEqual(err, "")

    def test_help(self):
        """--help shows examples, and so does every command's"""
        for words in (["--help"], ["serve", "--help"], ["snapshot", "--help"]):
            with self.subTest(words=words):
                self.assertIn("EXAMPLES", support.portpool(*words)[0])

    def test_default_command(self):
        """without a command it serves"""
        port = support.free_port()
        with support.Program([support.BINARY, "--web.listen-address", f"127.0.0.1:{port}"]) as program:
            program.wait_until_ready(port)
            self.assertEqual(support.get(port, "/-/healthy")[0], 200)
            self.assertEqual(program.stop(), 0)

    def test_default_port(self):
        """it listens on 10097 for IPv4 and IPv6 when it is told nothing"""
        with support.Program([support.BINARY, "serve"]) as program:
            program.wait_until_ready(10097)
            self.assertEqual(support.get(10097, "/-/ready")[0], 200)
            self.assertEqual(support.get(10097, "/-/ready", host="::1")[0], 200)

    def test_no_ipv6(self):
        """where the kernel has no IPv6, :PORT is served over IPv4, which the log says, and [::]:PORT is refused in one sentence"""
        for code in (errno.EAFNOSUPPORT, errno.EPROTONOSUPPORT):
            port = support.free_port()
            without = {"preexec_fn": lambda code=code: no_ipv6.refuse(code)}
            for words in (["serve"], ["serve", "--web.listen-address", f":{port}"]):
                with self.subTest(code=code, words=words), support.Program([support.BINARY, *words], **without) as program:
                    listening = 10097 if len(words) == 1 else port
                    program.wait_until_ready(listening)
                    self.assertEqual(program.stop(), 0)
                    self.assertRegex(program.said, f'level=info msg="IPv6 is not available here[^"]*" address=:{listening}\n')
                    self.assertIn(f"address=0.0.0.0:{listening}\n", program.said)
            for host, remedy in (("[::]", f"write :{port}"), ("[::1]", "listen on an IPv4 address, such as 127.0.0.1")):
                with support.Program([support.BINARY, "serve", "--web.listen-address", f"{host}:{port}"], **without) as program:
                    self.assertEqual(program.process.wait(timeout=30), 1)
                    sentence = rf"\nError: --web\.listen-address {re.escape(host)}:{port}: IPv6 is not available here[^\n]*; {remedy}\n\Z"
                    self.assertRegex(program.said, sentence)

    def test_ipv6_disabled(self):
        """with net.ipv6.conf.all.disable_ipv6 and no address ::1 it starts as ever and is reached over IPv4"""
        port = support.free_port()
        support.sysctl("ipv6/conf/all/disable_ipv6", 1)
        try:
            with support.Program([support.BINARY, "serve", "--web.listen-address", f":{port}"]) as program:
                program.wait_until_ready(port)
                self.assertEqual(program.stop(), 0)
            _, err = support.portpool("serve", "--web.listen-address", f"[::1]:{port}", status=1)
            self.assertIn("this host does not have the address", err)
        finally:
            support.sysctl("ipv6/conf/all/disable_ipv6", 0)

    def test_unknown_command(self):
        """a misspelt command is answered with the one that was meant, not with the usage of serve: status 64"""
        for words, hint in ((["exlpain", "5"], 'did you mean "explain"?'), (["docter"], 'did you mean "doctor"?'),
                            (["start"], "known are serve, snapshot, top, explain, doctor, push, check-config")):
            with self.subTest(words=words):
                _, err = support.portpool(*words, status=64)
                self.assertEqual(err, f'portpool: unknown command "{words[0]}"; {hint}\n')
        self.assertIn("EXAMPLES", support.portpool("help", "explain")[0])

    def test_completions(self):
        """completion scripts come for bash, zsh and fish"""
        for shell in ("bash", "zsh", "fish"):
            self.assertIn("portpool", support.portpool("--generate-completion-script", shell)[0])

    def test_log_formats(self):
        """log lines are logfmt, or JSON, on standard error"""
        for form in ("logfmt", "json"):
            with self.subTest(form=form), support.exporter("--log.format", form) as exporter:
                exporter.stop()
                lines = exporter.said.splitlines()
                self.assertTrue(lines)
                for line in lines:
                    if form == "json":
                        self.assertIn("level", json.loads(line))
                    else:
                        self.assertRegex(line, r"^(\w[\w.-]*=(\"([^\"\\]|\\.)*\"|[^\s\"]*)( |$))+$")

    def test_full_standard_error(self):
        """a standard error that nobody reads stops no answer, and once it is read says how many lines are missing"""
        reading, writing = os.pipe()
        with open(reading, "rb") as reader, open(writing, "wb", buffering=0) as writer:
            os.set_blocking(writing, False)
            with contextlib.suppress(BlockingIOError):
                while writer.write(b"x" * 4096):
                    pass
            os.set_blocking(writing, True)
            port = support.free_port()
            process = subprocess.Popen([support.BINARY, "serve", "--web.listen-address", f"127.0.0.1:{port}"], stderr=writing)
            try:
                support.until(lambda: support.get(port, "/-/ready")[0] == 200, seconds=20)
                self.assertEqual(support.get(port)[0], 200)
                self.assertTrue(os.get_blocking(writing), "other programs share the pipe")
                os.set_blocking(reading, False)
                while reader.read(1 << 16):
                    pass
                process.terminate()
                self.assertEqual(process.wait(timeout=20), 0)
                self.assertRegex(reader.read().decode(), r"(?s)log lines were dropped[^\n]* count=\d+\n.*msg=stopped\n")
            finally:
                process.kill()
                process.wait()

    def test_port_at_risk(self):
        """a listen port in the pool is warned of, exported, and no risk once the remedy is followed, which keeps what is reserved"""
        port, remedy = 40097, "net.ipv4.ip_local_reserved_ports=40001,40097"
        support.sysctl("ipv4/ip_local_reserved_ports", 40001)
        try:
            with support.exporter(port=port) as exporter:
                self.assertIn(remedy, exporter.said)
                self.assertIn(remedy, support.get(port, "/")[2].decode())
                self.assertIn(b"\nportpool_exporter_port_at_risk 1\n", support.get(port)[2])
                support.sysctl("ipv4/ip_local_reserved_ports", remedy.partition("=")[2])
                self.assertIn(b"\nportpool_exporter_port_at_risk 0\n", support.get(port)[2])
        finally:
            support.sysctl("ipv4/ip_local_reserved_ports", "")


class Refusing(unittest.TestCase):
    def refuses(self, *words, status, says):
        out, err = support.portpool(*words, status=status)
        self.assertEqual(out, "")
        self.assertRegex(err, says)
        self.assertNotRegex(err, r"Fatal error|SystemCallError\(|Optional\(")

    def test_usage(self):
        """what cannot be meant is a usage error, status 64, that names the flag and the value"""
        for words, says in [
            (["--no-such-flag"], r"--no-such-flag"), (["serve", "--no-such-flag"], r"--no-such-flag"),
            (["snapshot", "--format", "xml"], r"xml"), (["snapshot", "--tuples", "-1"], r"tuples"),
            (["snapshot", "--range", "a=9-4"], r"9.*4"), (["snapshot", "--range", "a=1-65536"], r"65536"),
            (["snapshot", "--range", "a"], r"NAME=LO-HI"), (["snapshot", "--range", "=1-2"], r"name"),
            (["snapshot", "--range", "dynamic=1-2"], r"dynamic"),
            (["snapshot", "--range", "a=1-2", "--range", "a=3-4"], r"twice"),
            (["serve", "--web.listen-address", "nonsense"], r"nonsense"), (["serve", "--log.level", "loud"], r"loud"),
            (["serve", "--web.listen-address", "127.0.0.1:65536"], r"65536"),
        ]:
            with self.subTest(words=words):
                self.refuses(*words, status=64, says=says)

    def test_address_in_use(self):
        """a listen address in use is one clear sentence and status 1"""
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            self.refuses("serve", "--web.listen-address", f"127.0.0.1:{port}", status=1, says=rf"127\.0\.0\.1:{port}.*in use")

    def test_foreign_address(self):
        """an address that is not this host's is status 1"""
        self.refuses("serve", "--web.listen-address", "192.0.2.1:10097", status=1, says=r"192\.0\.2\.1")

    def test_no_proc(self):
        """a /proc that is not there is an error at the start"""
        for command in ("serve", "snapshot"):
            self.refuses(command, "--path.procfs", "/no/such/proc", status=1, says=r"/no/such/proc")


class Arguments(unittest.TestCase):
    """What it was told reaches it, whatever happens to the environment before it starts."""

    SOURCE = '#include <stdlib.h>\n__attribute__((constructor)) static void begin(void) { setenv("PRELOADED", "1", 1); }\n'

    def check(self, *prefix):
        """The version, a refusal, and nothing that serves instead."""
        def run(*words):
            return subprocess.run([*prefix, support.BINARY, *words], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=10)
        version = run("--version")
        self.assertEqual((version.returncode, version.stderr), (0, ""))
        self.assertRegex(version.stdout, r"^portpool \d")
        refusal = run("check-config", "/no/such/file")
        self.assertEqual((refusal.returncode, refusal.stdout), (1, ""))
        self.assertIn("/no/such/file", refusal.stderr)

    def test_preloaded_library(self):
        """a library that changes the environment in its constructor takes no argument away"""
        with tempfile.TemporaryDirectory() as folder:
            library = f"{folder}/preloaded.so"
            subprocess.run(["cc", "-shared", "-fPIC", "-x", "c", "-", "-o", library], input=self.SOURCE, text=True, check=True)
            self.check("env", f"LD_PRELOAD={library}")

    def test_no_proc(self):
        """without /proc it still does what it was told"""
        bare = ["unshare", "--mount", "--propagation", "private", "sh", "-c", 'mount -t tmpfs none /proc && exec "$@"', "sh"]
        for _ in range(10):
            self.check(*bare)
        for command in ("serve", "snapshot", "push --url http://127.0.0.1:1 --once", "doctor --interval 0", "explain 22", "top --batch --count 1"):
            done = subprocess.run([*bare, support.BINARY, *command.split()], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=10)
            self.assertIn(done.returncode, (1, 2), command)
            self.assertIn("/proc", done.stdout + done.stderr)


class Fixtures(unittest.TestCase):
    """A /proc of the test's own making, with one thing wrong at a time."""

    HEADER = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
    LINE = "   0: 0100007F:A000 0100007F:1F90 01 00000000:00000000 00:00000000 00000000     0        0 10811 1 0000000000000000\n"

    def setUp(self):
        self.root = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        for net in ("net", "self/net", "thread-self/net"):
            self.write(f"{net}/tcp", self.HEADER + self.LINE)
            self.write(f"{net}/udp", self.HEADER)
            self.write(f"{net}/fib_trie", "Main:\n           |-- 127.0.0.1\n              /32 host LOCAL\n")
        for name, text in {"ip_local_port_range": "32768\t60999\n", "ip_local_reserved_ports": "\n", "tcp_tw_reuse": "2\n",
                           "tcp_timestamps": "1\n"}.items():
            self.write(f"sys/net/ipv4/{name}", text)

    def write(self, path, text):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def write_net(self, name, text):
        for net in ("net", "self/net", "thread-self/net"):
            self.write(f"{net}/{name}", text)

    def snapshot(self, status):
        out, err = support.portpool("snapshot", "--format", "json", "--path.procfs", str(self.root), status=status)
        return (json.loads(out) if out else None), err

    def test_whole(self):
        """a tree without tcp6 and udp6 is whole: IPv6 is off"""
        document, err = self.snapshot(status=0)
        self.assertEqual(err, "")
        self.assertEqual(document["namespaces"][0]["tcp"]["used"], 1)
        self.assertEqual(document["namespaces"][0]["capacity"], 28232)

    def test_faults(self):
        """each fault is named with its file and place, and the status is 1"""
        for path, text, says in [
            ("tcp", self.HEADER + self.LINE.replace("A000", "A0G0"), r"net/tcp:2:\d+: .*A0G0"),
            ("tcp", self.HEADER + self.LINE[:40] + "\n", r"net/tcp:2:\d+: "),
            ("tcp", self.HEADER + self.LINE[:-1], r"net/tcp:2:\d+: .*line feed"),
            ("tcp", "", r"net/tcp:1:\d+: .*header"),
            ("udp", self.HEADER + "rubbish\n", r"net/udp:2:\d+: .*rubbish"),
        ]:
            with self.subTest(path=path, text=text):
                self.setUp()
                self.write_net(path, text)
                self.assertRegex(self.snapshot(status=1)[1], says)
        for name, text, says in [
            ("ip_local_port_range", "60999\t32768\n", r"ip_local_port_range.*32768"),
            ("ip_local_port_range", "many\n", r"ip_local_port_range.*many"),
            ("ip_local_reserved_ports", "1,x\n", r"ip_local_reserved_ports.*x"),
            ("tcp_tw_reuse", "", r"tcp_tw_reuse"),
        ]:
            with self.subTest(name=name, text=text):
                self.setUp()
                self.write(f"sys/net/ipv4/{name}", text)
                self.assertRegex(self.snapshot(status=1)[1], says)

    def test_unknown_state(self):
        """a state that no kernel has yet is counted as unknown"""
        self.write_net("tcp", self.HEADER + self.LINE.replace(" 01 ", " 1F "))
        document, err = self.snapshot(status=0)
        self.assertEqual(err, "")
        states = {s["state"]: s["count"] for s in document["namespaces"][0]["sockets"] if s["count"]}
        self.assertEqual(states, {"unknown": 1})

    def test_odd_trees(self):
        """counters that are missing, empty, or names without numbers fail no command and no scrape"""
        names = "TcpExt: SyncookiesSent TCPTimeWaitOverflow\n"
        for net in ({"netstat": names, "snmp": "Tcp: RtoAlgorithm RtoMin\n"}, {"netstat": names + "TcpExt:\n"}, {"netstat": ""},
                    {"sockstat": "", "sockstat6": ""}, {"sockstat": "", "netstat": names, "stat/nf_conntrack": ""},
                    {"fib_trie": "", "if_inet6": ""}, {"tcp6": self.HEADER, "udp6": self.HEADER}):
            with self.subTest(net=net):
                self.setUp()
                self.write("sys/net/ipv4/tcp_max_tw_buckets", "8192\n")
                for name, text in net.items():
                    self.write_net(name, text)
                document, err = self.snapshot(status=0)
                self.assertEqual(err, "")
                self.assertEqual(document["namespaces"][0]["tcp"]["used"], 1)
                for command in (("doctor", "--interval", "0"), ("explain", "40960")):
                    out, err = support.portpool(*command, "--path.procfs", str(self.root), status=0)
                    self.assertEqual(err, "")
                    self.assertEqual(out.count("TIME_WAIT: not compared"), command[0] == "doctor" and 1, out)

    def test_odd_tree_is_served(self):
        """a server over such a tree serves every collector and samples, without a word about it in its log"""
        self.write_net("netstat", "TcpExt: SyncookiesSent TCPTimeWaitOverflow\n")
        self.write_net("sockstat", "")
        with support.exporter("--path.procfs", str(self.root), "--sampler.interval", "1s", "--collector.conntrack") as exporter:
            time.sleep(2.5)
            for _ in range(3):
                status, _, body = support.get(exporter.port)
                self.assertEqual(status, 200)
            self.assertEqual(set(re.findall(rb'portpool_scrape_collector_success{.*} (\d)', body)), {b"1"})
            self.assertRegex(body, rb'portpool_sampler_walks_total{netns="host"} [1-9]')
            self.assertNotRegex(exporter.said, "level=error|remark|sample")

    def test_rest_is_served(self):
        """a scrape with a broken table serves the rest, and says which collector failed"""
        self.write_net("udp", self.HEADER + "rubbish\n")
        with support.exporter("--path.procfs", str(self.root)) as exporter:
            status, _, body = support.get(exporter.port)
            self.assertEqual(status, 200)
            self.assertIn(b'\nportpool_scrape_collector_success{collector="udp"} 0\n', body)
            self.assertIn(b'\nportpool_scrape_collector_success{collector="tcp"} 1\n', body)
            self.assertIn(b'\nportpool_used_ports{netns="host",protocol="tcp"} 1\n', body)
            self.assertNotIn(b'\nportpool_used_ports{netns="host",protocol="udp"}', body)
            for _ in range(3):
                support.get(exporter.port)
            self.assertEqual(len(re.findall("net/udp:2", exporter.said)), 1, "one line for one fault:\n" + exporter.said)


class Carrying(unittest.TestCase):
    def test_mapped_libraries(self):
        """neither Foundation nor ICU nor libcurl is mapped while it serves"""
        with support.exporter() as exporter:
            support.get(exporter.port)
            maps = pathlib.Path(f"/proc/{exporter.process.pid}/maps").read_text()
            self.assertIn("portpool", maps)
            self.assertEqual(re.findall(r"\S*(?:Foundation|libicu|libcurl)\S*", maps), [])

    def test_no_child_programs(self):
        """a scrape starts no other program"""
        with support.exporter() as exporter:
            support.get(exporter.port)
            children = subprocess.run(["ps", "--ppid", str(exporter.process.pid), "-o", "pid="], capture_output=True, text=True)
            self.assertEqual(children.stdout, "")


if __name__ == "__main__":
    unittest.main()
