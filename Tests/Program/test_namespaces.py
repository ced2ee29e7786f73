"""Network namespaces other than the exporter's own, with ranges of their own."""
import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import time
import unittest

import exposition
import support
from namespaces import HeldNamespace


class Namespaces(unittest.TestCase):
    def hold(self, first, last, count):
        """A namespace with a process and `count` connections in it, or as many as there are ports. Gives its label and how many."""
        held = self.enterContext(HeldNamespace(first, last, count))
        return held.label, held.made

    def flags(self, labels):
        return ["--collector.namespaces", *[word for label in labels for word in ("--namespaces.include", label)]]

    def test_three_ranges(self):
        """/metrics names the namespace that is exhausted, and has the headroom of all three"""
        full, some, wide = self.hold(40000, 40099, 1000), self.hold(50000, 50049, 10), self.hold(20000, 20199, 150)
        self.assertEqual((full[1], some[1], wide[1]), (100, 10, 150))
        labels = [full[0], some[0], wide[0]]
        with support.exporter(*self.flags(labels)) as program:
            text = support.get(program.port)[2].decode()
        left = [exposition.value(text, "portpool_worst_tuple_headroom_ports", netns=label, family="ipv4") for label in labels]
        self.assertEqual(left, [0, 40, 50])
        self.assertEqual(exposition.value(text, "portpool_namespaces", state="walked"), 3)

    def test_snapshot(self):
        """the JSON snapshot has walked namespaces whole and calm ones with totals only"""
        busy, calm = self.hold(40000, 40099, 60), self.hold(40000, 41999, 5)
        text, _ = support.portpool("snapshot", "--format", "json", *self.flags([busy[0], calm[0]]))
        spaces = {space["netns"]: space for space in json.loads(text)["namespaces"]}
        self.assertEqual(spaces[busy[0]]["tcp"]["connect"]["tuples"][0]["headroom"], 40)
        self.assertTrue(spaces[busy[0]]["walked"])
        self.assertFalse(spaces[calm[0]]["walked"])
        self.assertEqual((spaces[calm[0]]["capacity"], spaces[calm[0]]["totals"]["tcp"]), (2000, 11))
        self.assertNotIn("tcp", spaces[calm[0]])

    def test_without_rights(self):
        """user 65534 gets its own namespace, the counts it may see, and which right is missing"""
        label, _ = self.hold(40000, 40099, 60)
        done = subprocess.run(
            ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", support.BINARY, "snapshot", "--format", "json",
             *self.flags([label])], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual([space["netns"] for space in json.loads(done.stdout)["namespaces"]], ["host"])
        self.assertIn("CAP_SYS_PTRACE", done.stderr)

    def test_hidepid(self):
        """where /proc hides the processes of others, user 65534 is told what that leaves out"""
        self.hold(40000, 40099, 60)
        script = ('mount -t proc -o hidepid=invisible proc /proc && '
                  'exec setpriv --reuid=65534 --regid=65534 --clear-groups "$@"')
        done = subprocess.run(
            ["unshare", "--mount", "--propagation", "private", "sh", "-c", script, "sh", support.BINARY, "snapshot", "--format", "json",
             "--collector.namespaces"], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
        if "mount:" in done.stderr:
            self.skipTest(f"a process file system cannot be mounted here: {done.stderr.strip()}")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual([space["netns"] for space in json.loads(done.stdout)["namespaces"]], ["host"])
        self.assertIn("CAP_SYS_PTRACE", done.stderr)


class Owners(unittest.TestCase):
    def test_owners(self):
        """the ports of this test belong to this test's control group"""
        import socket
        listener = socket.create_server(("127.0.0.1", 8080))
        self.addCleanup(listener.close)
        for _ in range(5):
            client = socket.create_connection(("127.0.0.1", 8080))
            self.addCleanup(client.close)
        text, _ = support.portpool("snapshot", "--format", "json", "--collector.owners", "--no-collector.udp")
        owners = json.loads(text)["namespaces"][0]["owners"]
        self.assertEqual([owner["owner"] for owner in owners[-2:]], ["other", "none"])
        self.assertGreaterEqual(owners[0]["used_ports"], 5)


class HostProc(unittest.TestCase):
    """The host's /proc mounted into a container: its processes are the host's, its network is the reader's."""

    # Process 1 of the outer process namespace is the host's.
    HOST = 'mount -t proc proc /proc && unshare "$@"; exit $?'
    SPACE = ["unshare", "--pid", "--fork", "--kill-child", "--mount", "--propagation", "private"]
    CONTAINER = ('ip link set lo up && mount --bind /proc "$0" && mount -t proc proc /proc && '
                 'if [ -n "$1" ]; then echo "$1" > /proc/sys/net/ipv4/ip_local_port_range; fi && shift && exec "$@"')

    def setUp(self):
        self.folder = self.enterContext(tempfile.TemporaryDirectory())

    def run_there(self, *words, own_network=True, isolated=True):
        """In a process namespace of its own, as a container has, with a host's /proc below the folder: the machine's, or an isolated one."""
        network = ["--net"] if own_network else []
        host = [*self.SPACE, "sh", "-c", self.HOST, "sh", *self.SPACE[1:]] if isolated else self.SPACE
        done = subprocess.run(
            [*host, *network, "sh", "-c", self.CONTAINER, self.folder, "20000 20999" if own_network else "", support.BINARY, *words,
             "--path.procfs", self.folder], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
        if "mount:" in done.stderr:
            self.skipTest(f"a process file system cannot be mounted here: {done.stderr.strip()}")
        return done

    def test_own_network(self):
        """the pool of a container goes by its number, and a remark says how to see the host's"""
        for source, isolated in (("auto", True), ("proc", True), ("auto", False)):
            done = self.run_there("snapshot", "--format", "json", "--source", source, isolated=isolated)
            self.assertEqual(done.returncode, 0, done.stderr)
            space = json.loads(done.stdout)["namespaces"][0]
            self.assertEqual(space["capacity"], 1000)
            self.assertRegex(space["netns"], r"^\d+$")
            self.assertNotEqual(space["netns"], os.readlink("/proc/self/ns/net")[len("net:["):-1])
            self.assertRegex(done.stderr, r"note: .*process 1 is in another one: this is not the host's pool.*--network host")
        metrics = self.run_there("snapshot", "--format", "prometheus").stdout
        self.assertRegex(metrics, r'\nportpool_range_first_port\{netns="\d+"\} 20000\n')
        self.assertNotIn('"host"', metrics)

    def test_host_network(self):
        """in the host's network it is the host's pool"""
        with open("/proc/sys/net/ipv4/ip_local_port_range") as file:
            first = int(file.read().split()[0])
        done = self.run_there("snapshot", "--format", "json", own_network=False)
        space = json.loads(done.stdout)["namespaces"][0]
        self.assertEqual((space["netns"], space["range"]["first"]), ("host", first))
        self.assertEqual(done.stderr, "")

    def test_doctor(self):
        """the doctor gives no advice for the host's files, and says whose pool it looked at"""
        document = json.loads(self.run_there("doctor", "--interval", "0", "--format", "json").stdout)
        self.assertEqual([finding["id"] for finding in document["findings"]], ["narrow-pool"])
        self.assertNotIn("file", document["findings"][0]["settings"][0])
        self.assertRegex(document["facts"][0], "not the network namespace of process 1.*--network host")
        page = self.run_there("doctor", "--interval", "0").stdout
        self.assertNotIn("60-portpool.conf", page)
        self.assertRegex(page, r"pool of net:\[\d+\]")
        self.assertIn("not the network namespace of process 1", self.run_there("explain", "20001").stdout)


class Explain(unittest.TestCase):
    def test_at_once(self):
        """the answer for the own namespace does not wait for others, and what they have is added as it is found"""
        tree = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory())) / "proc"
        shutil.copytree(pathlib.Path(__file__).resolve().parents[1] / "Fixtures/inspect/proc", tree, symlinks=True)
        table = tree / "950/net/tcp"
        text = table.read_text()
        table.unlink()
        # The program stands still at the first thing it writes. What appears then is found only by who has not looked yet.
        output, full = os.pipe()
        os.set_blocking(full, False)
        with contextlib.suppress(BlockingIOError):
            while True:
                os.write(full, b"." * 4096)
        os.set_blocking(full, True)
        with subprocess.Popen([support.BINARY, "explain", "80", "--protocol", "tcp", "--path.procfs", tree], stdin=subprocess.DEVNULL,
                              stdout=full) as program, open(output, encoding="utf-8") as reader:
            os.close(full)
            time.sleep(1.5)
            self.assertIsNone(program.poll())
            table.write_text(text)
            said = reader.read().lstrip(".")
        self.assertEqual(program.returncode, 0)
        self.assertRegex(said, r"^nginx \(pid 812\) (?s:.*)\nOTHER NETWORK NAMESPACES\n  net:\[4026532301\]  1 listener, 1 other socket  with python3")

    def test_held_elsewhere(self):
        """a listener in another namespace is found, in text and in JSON"""
        held = self.enterContext(HeldNamespace(40000, 40099, 5, servers=[41007]))
        out, _ = support.portpool("explain", "41007")
        self.assertRegex(out, rf"^Nothing holds TCP and UDP port 41007 here(?s:.*)OTHER NETWORK NAMESPACES\n(?s:.*)net:\[{held.label}\]  1 listener")
        document = json.loads(support.portpool("explain", "41007", "--format", "json")[0])
        self.assertEqual([space["listeners"] for space in document["other_namespaces"] if space["netns"] == held.label], [1])
