"""What goes wrong around the program while it runs: docs/faults.md says what each fault does, and these tests that it is so."""
import contextlib
import http.client
import json
import os
import pathlib
import re
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

import control_group
import hanging
import support
from terminal import Terminal

SUCCESS = re.compile(rb'^portpool_scrape_collector_success\{collector="(\w+)"\} (\d)$', re.M)
ALL = {"conntrack": 1, "settings": 1, "tcp": 1, "udp": 1}


def scrape(port, timeout=2, query=""):
    """How the collectors fared, and how long the answer took."""
    begin = time.monotonic()
    status, _, body = support.get(port, "/metrics" + query, headers={"X-Prometheus-Scrape-Timeout-Seconds": str(timeout)})
    took = time.monotonic() - begin
    if status != 200:
        raise AssertionError(f"{status}: {body}")
    return {name.decode(): int(value) for name, value in SUCCESS.findall(body)}, took


def threads(program):
    return len(os.listdir(f"/proc/{program.process.pid}/task"))


@unittest.skipIf(hanging.refusal(), hanging.refusal())
class Hanging(unittest.TestCase):
    def setUp(self):
        self.proc = self.enter(hanging.process_file_system())

    def enter(self, context):
        value = context.__enter__()
        self.addCleanup(context.__exit__, None, None, None)
        return value

    def hold(self, *names):
        return self.enter(hanging.Held(*(self.proc / name for name in names)))

    def exporter(self, *arguments, **options):
        return self.enter(support.exporter("--path.procfs", str(self.proc), *arguments, **options))

    def test_scrapes(self):
        """a read that hangs costs its own collector alone: others are answered, at the deadline at first and at once when it is known"""
        exporter = self.exporter()
        self.assertEqual(scrape(exporter.port)[0], ALL)
        held = self.hold("net/udp")
        found, took = scrape(exporter.port)
        self.assertEqual(found, ALL | {"udp": 0})
        self.assertTrue(1.4 < took < 2, took)
        begin = time.monotonic()
        while support.get(exporter.port, "/-/ready")[0] == 200:
            found, took = scrape(exporter.port)
            self.assertEqual(found, ALL | {"udp": 0})
            self.assertTrue(took < 2 and time.monotonic() < begin + 20, took)
        status, _, body = support.get(exporter.port, "/-/ready")
        self.assertEqual(status, 503)
        self.assertRegex(body.decode(), r"^Portpool answers in part: udp has hung for \d+ s\.\n$")
        self.assertEqual(support.get(exporter.port, "/-/healthy")[0], 200, "a restart would not mend it")
        busy = threads(exporter)
        # Nobody waits for what hangs any more, whatever they ask for and however long they would wait.
        for timeout, query in [(2, ""), (60, ""), (600, "?collect[]=udp"), (2, "?collect[]=tcp")] * 20:
            found, took = scrape(exporter.port, timeout, query)
            self.assertLess(took, 1)
            self.assertEqual(found, {"udp": 0} if "=udp" in query else {"tcp": 1} if "=tcp" in query else ALL | {"udp": 0})
        for path in ("/", "/api/v1/snapshot"):
            status, _, body = support.get(exporter.port, path)
            self.assertEqual(status, 200)
            self.assertIn(b"udp: hangs in an earlier scrape, and is not asked again before it has returned", body)
        self.assertLessEqual(threads(exporter), busy + 1)
        held.release()
        support.until(lambda: support.get(exporter.port, "/-/ready")[0] == 200, every=0.05)
        self.assertEqual(scrape(exporter.port)[0], ALL)
        self.assertEqual(exporter.stop(), 0)
        self.assertEqual(exporter.said.count("level=error"), 2, exporter.said)
        self.assertEqual(exporter.said.count('msg="collector works again" collector=udp'), 1, exporter.said)

    def test_flood(self):
        """clients with time-outs of all lengths, and gone ones, leave no scrape waiting behind them"""
        exporter = self.exporter()
        self.hold("net/udp")
        with contextlib.ExitStack() as clients:
            for number in range(36):
                client = clients.enter_context(socket.create_connection(("127.0.0.1", exporter.port)))
                query = ["", "?collect[]=udp", "?exclude[]=tcp"][number % 3]
                client.sendall(f"GET /metrics{query} HTTP/1.1\r\nHost: a\r\nX-Prometheus-Scrape-Timeout-Seconds: {10 + 3 * number}\r\n\r\n".encode())
                if number % 2:
                    client.close()
            found, took = scrape(exporter.port)
            self.assertEqual(found, ALL | {"udp": 0})
            self.assertLess(took, 2)
            found, took = scrape(exporter.port, query="?collect[]=tcp")
            self.assertEqual(found, {"tcp": 1})
            self.assertLess(took, 2)

    def test_service_manager(self):
        """systemd is told what hangs, and hears a sign of life until nothing at all can be read"""
        manager = self.enter(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
        manager.bind(f"{self.proc}/notify")
        manager.settimeout(0.2)

        def hear(seconds):
            heard, end = [], time.monotonic() + seconds
            while time.monotonic() < end:
                with contextlib.suppress(TimeoutError):
                    heard.append(manager.recv(1000).decode())
            return heard

        exporter = self.exporter("--no-collector.conntrack", env=dict(os.environ, NOTIFY_SOCKET=f"{self.proc}/notify", WATCHDOG_USEC="400000"))
        self.hold("net/udp")
        support.until(lambda: scrape(exporter.port)[1] < 1, every=0)
        heard = hear(2)
        self.assertIn("WATCHDOG=1", heard)
        self.assertTrue(any(line.startswith("STATUS=Serving in part: udp has hung for ") for line in heard), heard)
        held = self.hold("net/tcp", "sys/net/ipv4/ip_local_port_range")
        support.until(lambda: set(scrape(exporter.port)[0].values()) == {0} and scrape(exporter.port)[1] < 1, every=0)
        hear(0.5)
        heard = hear(2)
        self.assertNotIn("WATCHDOG=1", heard)
        self.assertTrue(any("settings has hung for " in line for line in heard), heard)
        held.release()
        support.until(lambda: "WATCHDOG=1" in hear(1), every=0)
        self.assertEqual(exporter.stop(), 0)

    def test_stopping(self):
        """SIGTERM ends whatever goes on by itself while a read hangs: a server, its sampler and its pushes, a push loop, a textfile"""
        nowhere = f"http://127.0.0.1:{support.free_port()}"
        proc = ["--path.procfs", str(self.proc)]
        exporter = self.exporter("--sampler.interval", "200ms", "--push.url", nowhere, "--push.interval", "1s")
        output = self.proc / "portpool.prom"
        running = [
            exporter, self.enter(support.Program([support.BINARY, "push", *proc, "--url", nowhere, "--interval", "1s"])),
            self.enter(support.Program([support.BINARY, "snapshot", *proc, "--format", "prometheus", "--output", output, "--interval", "1s"])),
            self.enter(support.Program([support.BINARY, "top", *proc, "--batch", "--interval", "1s"]))]
        support.until(lambda: "push failed" in running[1].said and output.exists() and running[3].said.count("host") > 1)
        self.hold("net/udp", "net/sockstat")
        time.sleep(2)
        for program in running:
            program.process.send_signal(signal.SIGTERM)
        for program in running:
            with self.subTest(program=program.process.args[1]):
                self.assertIn(program.process.wait(timeout=15), (0, -signal.SIGTERM), program.said)

    def test_pushes_and_files(self):
        """pushes and textfiles go on without what hangs"""
        output = self.proc / "portpool.prom"
        command = [support.BINARY, "snapshot", "--path.procfs", self.proc, "--format", "prometheus", "--output", output, "--interval", "1s"]
        with support.Program(command) as program:
            support.until(output.exists, every=0.05)
            self.hold("net/udp")
            support.until(lambda: (b"udp", b"0") in SUCCESS.findall(output.read_bytes()), every=0.05)
            before = output.stat().st_ino
            support.until(lambda: output.stat().st_ino != before, seconds=20, every=0.05)
            self.assertIn((b"tcp", b"1"), SUCCESS.findall(output.read_bytes()))
            self.assertIn("udp: not read to its end before the scrape's deadline", program.said)
            self.assertEqual(program.stop(), 0)


class Starved(unittest.TestCase):
    def test_descriptors(self):
        """out of descriptors, a connection that is open is served with what can be said, and with everything once there are some again"""
        with support.exporter() as exporter:
            connection = http.client.HTTPConnection("127.0.0.1", exporter.port, timeout=30)
            self.addCleanup(connection.close)

            def ask(path="/metrics"):
                connection.request("GET", path)
                answer = connection.getresponse()
                return answer.status, {name.decode(): int(value) for name, value in SUCCESS.findall(answer.read())}

            self.assertEqual(ask(), (200, ALL))
            # By then it has closed the connections that show what the kernel can do.
            support.until(lambda: b'ability="reuses_fin_wait2"' in support.get(exporter.port)[2])
            pid = exporter.process.pid
            before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
            # Standard input, output and error: no number above them is given out, whatever is open for a moment now.
            resource.prlimit(pid, resource.RLIMIT_NOFILE, (3, before[1]))
            for _ in range(10):
                self.assertEqual(ask(), (200, dict.fromkeys(ALL, 0)))
                self.assertEqual(ask("/-/ready")[0], 200)
            resource.prlimit(pid, resource.RLIMIT_NOFILE, before)
            self.assertEqual(ask(), (200, ALL))
            self.assertEqual(exporter.stop(), 0)
            self.assertEqual(exporter.said.count("Too many open files"), 4, exporter.said)
            self.assertEqual(exporter.said.count("works again"), 4, exporter.said)

    def test_memory(self):
        """at the limit of its control group the kernel ends it, and it says nothing"""
        with hanging.process_file_system() as root, support.exporter("--path.procfs", str(root)) as exporter:
            try:
                group = self.enter(control_group.memory_limit(exporter.process.pid))
            except OSError as error:
                self.skipTest(f"no memory controller: {error}")
            self.assertEqual(scrape(exporter.port)[0], ALL)
            group(8 << 20)
            self.assertEqual(scrape(exporter.port)[0], ALL)
            said = exporter.said
            with open(root / "net/tcp", "a") as table:
                # As many tuples as connections: what is counted one by one is what takes memory.
                table.writelines(f"{n:4d}: 0100007F:{40000 + n % 20000:04X} {n:08X}:01BB 01 00000000:00000000 00:00000000 00000000 "
                                 f"    0        0 {n} 1 0000000000000000 20 4 30 10 -1\n" for n in range(1_000_000))
            with self.assertRaises((OSError, http.client.HTTPException)):
                scrape(exporter.port, timeout=60)
            self.assertEqual(exporter.process.wait(timeout=20), -signal.SIGKILL)
            self.assertEqual(exporter.said, said)

    def enter(self, context):
        value = context.__enter__()
        self.addCleanup(context.__exit__, None, None, None)
        return value


class Churn(unittest.TestCase):
    STORM = """
import ctypes, os, sys, time
unshares, most = sys.argv[1] == "namespaces", int(sys.argv[2])
children = []
while True:
    if len(children) == most:
        os.kill(children[0], 9)
        os.waitpid(children.pop(0), 0)
    if (child := os.fork()) == 0:
        if unshares:
            ctypes.CDLL(None).unshare(0x40000000)
        time.sleep(60)
        os._exit(0)
    children.append(child)
    time.sleep(0.005)
"""

    def test_processes_and_namespaces(self):
        """processes and namespaces that come and go fail no collector"""
        # In a process namespace of their own, so that all of them end with the first.
        for words in (("namespaces", "30"), ("processes", "300")):
            storm = subprocess.Popen(["unshare", "--pid", "--fork", "--kill-child", sys.executable, "-c", self.STORM, *words])
            self.addCleanup(storm.wait)
            self.addCleanup(storm.kill)
        with support.exporter("--collector.namespaces", "--namespaces.walk-share", "0") as exporter:
            for _ in range(5):
                found, took = scrape(exporter.port, timeout=20)
                self.assertEqual(found, ALL | {"namespaces": 1}, exporter.said)
                self.assertLess(took, 20)
            self.assertEqual(exporter.stop(), 0)
            self.assertNotIn("level=error", exporter.said)


class Stopped(unittest.TestCase):
    def test_stop_and_continue(self):
        """SIGSTOP keeps clients waiting, and SIGCONT serves them"""
        with support.exporter() as exporter:
            self.assertEqual(scrape(exporter.port)[0], ALL)
            exporter.process.send_signal(signal.SIGSTOP)
            found = []
            client = threading.Thread(target=lambda: found.append(scrape(exporter.port)))
            client.start()
            client.join(2.5)
            self.assertEqual(found, [])
            exporter.process.send_signal(signal.SIGCONT)
            client.join(20)
            self.assertEqual(len(found), 1)
            self.assertEqual(scrape(exporter.port)[0], ALL)
            self.assertEqual(support.get(exporter.port, "/-/ready")[0], 200)
            self.assertEqual(exporter.stop(), 0)


class Clock(unittest.TestCase):
    SOURCE = r"""
    #define _GNU_SOURCE
    #include <stdio.h>
    #include <stdlib.h>
    #include <sys/syscall.h>
    #include <sys/time.h>
    #include <time.h>
    #include <unistd.h>
    /* The seconds by which the wall clock is off stand in a file, so that they can change while the program runs. */
    static long offset(void) {
      long seconds = 0;
      FILE *file = fopen(getenv("CLOCK_OFFSET"), "r");
      if (file) { if (fscanf(file, "%ld", &seconds) != 1) seconds = 0; fclose(file); }
      return seconds;
    }
    int clock_gettime(clockid_t clock, struct timespec *value) {
      int result = (int)syscall(SYS_clock_gettime, clock, value);
      if (result == 0 && clock == CLOCK_REALTIME) value->tv_sec += offset();
      return result;
    }
    time_t time(time_t *value) {
      struct timespec now;
      clock_gettime(CLOCK_REALTIME, &now);
      if (value) *value = now.tv_sec;
      return now.tv_sec;
    }
    int gettimeofday(struct timeval *value, void *zone) {
      struct timespec now;
      clock_gettime(CLOCK_REALTIME, &now);
      value->tv_sec = now.tv_sec;
      value->tv_usec = now.tv_nsec / 1000;
      return 0;
    }
    """

    def test_jumps(self):
        """a wall clock that jumps by a day, forth and back, changes times that are shown and nothing else: no answer, no deadline, no beat"""
        with tempfile.TemporaryDirectory() as folder:
            library, offset = pathlib.Path(folder, "clock.so"), pathlib.Path(folder, "offset")
            compiled = subprocess.run(["cc", "-shared", "-fPIC", "-x", "c", "-", "-o", library], input=self.SOURCE, text=True, capture_output=True)
            if compiled.returncode != 0:
                self.skipTest(f"no C compiler: {compiled.stderr}")
            offset.write_text("0")
            environment = dict(os.environ, LD_PRELOAD=str(library), CLOCK_OFFSET=str(offset))
            with support.exporter("--sampler.interval", "100ms", env=environment) as exporter:
                def samples():
                    body = support.get(exporter.port)[2]
                    return int(re.search(rb"^portpool_worst_tuple_utilization_ratio_count\S* (\d+)$", body, re.M)[1])

                for seconds in (0, 86_400, -86_400, 0):
                    offset.write_text(str(seconds))
                    found, took = scrape(exporter.port, timeout=30)
                    self.assertEqual(found, ALL)
                    self.assertLess(took, 5)
                    there = time.gmtime(time.time() + seconds)
                    self.assertEqual(support.get(exporter.port)[1]["date"][:16], time.strftime("%a, %d %b %Y", there))
                    shown = json.loads(support.get(exporter.port, "/api/v1/snapshot")[2])["time"]
                    self.assertEqual(shown[:10], time.strftime("%Y-%m-%d", there))
                    before = samples()
                    support.until(lambda before=before: samples() > before + 2, seconds=10, every=0.05)
                    self.assertEqual(support.get(exporter.port, "/-/ready")[0], 200)
                self.assertEqual(exporter.stop(), 0)
                self.assertNotIn("level=error", exporter.said)


class Manager(unittest.TestCase):
    def test_deaf(self):
        """a service manager that reads nothing holds up neither scrapes nor reloads nor the end"""
        with tempfile.TemporaryDirectory() as directory, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.bind(f"{directory}/notify")
            environment = dict(os.environ, NOTIFY_SOCKET=f"{directory}/notify", WATCHDOG_USEC="2000")
            with support.exporter(env=environment) as exporter:
                time.sleep(1)
                before = len(os.listdir(f"/proc/{exporter.process.pid}/fd"))
                for _ in range(50):
                    exporter.process.send_signal(signal.SIGHUP)
                found, took = scrape(exporter.port)
                self.assertEqual(found, ALL)
                self.assertLess(took, 1)
                self.assertLessEqual(len(os.listdir(f"/proc/{exporter.process.pid}/fd")), before + 3)
                self.assertEqual(exporter.stop(), 0)


class Resolving(unittest.TestCase):
    """A name server that takes questions and answers none."""

    @contextlib.contextmanager
    def deaf_name_server(self):
        with tempfile.NamedTemporaryFile("w") as configuration, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
            server.bind(("127.0.0.53", 53))
            server.settimeout(30)
            configuration.write("nameserver 127.0.0.53\noptions timeout:30 attempts:5\n")
            configuration.flush()
            yield server, ["unshare", "--mount", "--propagation", "private", "sh", "-c",
                           f'mount --bind {configuration.name} /etc/resolv.conf && exec "$@"', "sh", support.BINARY]

    def test_ends(self):
        """while libcurl waits for a name server, SIGTERM ends a push loop, and top, with and without a terminal"""
        with self.deaf_name_server() as (server, command):
            for words in (["push", "--url", "http://gateway.invalid:9091", "--interval", "1s"],
                          ["top", "--batch", "--url", "http://exporter.invalid:10097"]):
                with self.subTest(words=words), support.Program([*command, *words]) as program:
                    server.recv(1000)
                    begin = time.monotonic()
                    program.process.terminate()
                    self.assertIn(program.process.wait(timeout=20), (0, -signal.SIGTERM))
                    self.assertLess(time.monotonic() - begin, 9)
            with Terminal() as terminal:
                quoted = " ".join(f"'{word}'" if word != support.BINARY else word for word in command)
                terminal.type(f"{quoted} top --url http://exporter.invalid:10097")
                server.recv(1000)
                os.kill(terminal.pid_of("portpool"), signal.SIGTERM)
                terminal.see("ready>")
                terminal.type("echo status=$?")
                terminal.see("status=143")

    def test_server(self):
        """pushes that wait for a name server keep no scrape from its answer, fail at their time limit, and hold up no end"""
        version = re.search(r"libcurl/(\d+)\.(\d+)", subprocess.run(["curl", "--version"], capture_output=True, text=True).stdout)
        if tuple(map(int, version.groups())) < (7, 87):
            self.skipTest("libcurl before 7.87 waits for the name server")
        with self.deaf_name_server() as (server, command):
            port = support.free_port()
            words = ["serve", "--web.listen-address", f"127.0.0.1:{port}", "--push.url", "http://gateway.invalid:9091", "--push.interval", "1s",
                     "--push.timeout", "1s"]
            with support.Program([*command, *words]) as program:
                program.wait_until_ready(port)
                server.recv(1000)
                for _ in range(3):
                    found, took = scrape(port)
                    self.assertEqual(found, ALL)
                    self.assertLess(took, 1)
                support.until(lambda: re.search(rb"^portpool_push_failures_total\S* [1-9]", support.get(port)[2], re.M), seconds=40)
                begin = time.monotonic()
                program.process.terminate()
                self.assertEqual(program.process.wait(timeout=20), 0)
                self.assertLess(time.monotonic() - begin, 5)
                self.assertEqual(program.said.count("push failed"), 1, program.said)


if __name__ == "__main__":
    unittest.main()
