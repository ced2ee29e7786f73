"""Hosts whose files say what no kernel says: every command ends, in time, with a table or a sentence, and a server goes on."""
import pathlib
import re
import subprocess
import tempfile
import unittest

import hostile
import support

# Enough to meet each kind of change at each file within some hundred trees.
COMMANDS = [
    ("snapshot", "--format", "json", "--tuples", "all", "--collector.conntrack"),
    ("snapshot", "--format", "table", "--collector.conntrack"),
    ("snapshot", "--format", "prometheus", "--collector.conntrack"),
    ("doctor", "--interval", "0"),
    ("doctor", "--interval", "0", "--format", "json"),
    ("explain", "40000"),
    ("explain", "49152", "--format", "json"),
    ("top", "--batch", "--count", "1"),
]


class Hosts(unittest.TestCase):
    def setUp(self):
        self.root = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(dir="/dev/shm"))) / "proc"
        self.original = hostile.sick_host()

    def trees(self, number):
        """Writes one tree after the other, and gives the seed of each."""
        for seed in range(hostile.SEED, hostile.SEED + number):
            hostile.write(hostile.Mutator(seed).tree(self.original), self.root)
            yield seed

    def test_original(self):
        """the tree that all the others are made from is read without an error by every command"""
        hostile.write(self.original, self.root)
        for command in COMMANDS:
            done = self.run_command(command)
            self.assertEqual((done.returncode, done.stderr), (1 if command[0] == "doctor" else 0, b""), command)

    def test_odd_numbers(self):
        """each number of the settings and counters in turn is one that no kernel keeps"""
        names = [name for name in self.original if name.startswith("sys/") or re.fullmatch(r"net/(sockstat6?|netstat|stat/nf_conntrack)", name)]
        places = [(name, place.span()) for name in names for place in re.finditer(rb"\b[0-9a-f]+\b", self.original[name])]
        hostile.write(self.original, self.root)
        with support.exporter("--path.procfs", str(self.root), "--source", "proc", "--collector.conntrack") as exporter:
            for name, span in places:
                for number in [b"9223372036854775807", b"18446744073709551615"] if hostile.SCALE == 1 else hostile.ODD_NUMBERS:
                    content = hostile.replaced(self.original[name], span, number)
                    hostile.write({path: content if path.endswith(name) else old for path, old in self.original.items()}, self.root)
                    self.assertEqual(support.get(exporter.port)[0], 200, f"{name} {span}: {number}")
                    self.check(("doctor", "--interval", "0"), f"{name} {span}: {number}")

    def test_commands(self):
        """each command on each tree ends within its time and with a status of its own, and prints text alone"""
        for seed in self.trees(40 * hostile.SCALE):
            for command in COMMANDS:
                self.check(command, f"seed {seed}")

    def test_server(self):
        """a server whose files change under it answers every scrape and every look at its page"""
        hostile.write(self.original, self.root)
        with support.exporter("--path.procfs", str(self.root), "--source", "proc", "--collector.conntrack") as exporter:
            for seed in self.trees(400 * hostile.SCALE):
                for path in ("/metrics", "/") if seed % 5 == 0 else ("/metrics",):
                    status, _, body = support.get(exporter.port, path, headers={"Accept": support.ACCEPT_3_14})
                    self.assertEqual(status, 200, f"seed {seed}: {body}")
                    hostile.check_output(body, f"seed {seed}: {path}")
            hostile.write(self.original, self.root)
            status, _, body = support.get(exporter.port)
            self.assertNotIn(b'collector_success{collector="tcp"} 0', body)
            self.assertEqual(exporter.stop(), 0)
            hostile.check_output(exporter.said.encode(), "the log")

    def check(self, command, place):
        done, place = self.run_command(command), f"{place}: {' '.join(command)}"
        # 1 and 2 are the doctor's ways to say what it found.
        self.assertIn(done.returncode, (0, 1, 2) if command[0] == "doctor" else (0, 1), f"{place}\n{done.stderr.decode(errors='replace')[-3000:]}")
        self.assertTrue(done.returncode == 0 or done.stderr or command[0] == "doctor", f"{place}: status 1 without a word")
        hostile.check_output(done.stdout, place)
        hostile.check_output(done.stderr, place)

    def run_command(self, command):
        return subprocess.run([support.BINARY, *command, "--path.procfs", str(self.root)], stdin=subprocess.DEVNULL, capture_output=True, timeout=20)
