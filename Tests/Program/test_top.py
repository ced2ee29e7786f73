"""`portpool top` on this host: its lines, keys, sizes and namespaces."""
import re
import signal
import subprocess
import time
import unittest

import support
from namespaces import HeldNamespace, empty_namespace
from terminal import Terminal
from top import FAST, Connections, rows


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


class Namespaces(unittest.TestCase):
    def test_namespaces(self):
        """--collector.namespaces adds the other namespaces: the full one is told of, and one that is calm is only counted"""
        with HeldNamespace(40000, 40009, 9) as held, empty_namespace() as calm:
            full = held.label
            self.assertEqual(held.made, 9)
            words = ["--collector.namespaces", "--namespaces.include", full, "--namespaces.include", calm]
            found = rows(support.portpool("top", "--count", "1", *words)[0])
            self.assertEqual([(r["USED"], r["LEFT"]) for r in found if r["NETNS"] == full and r["WHAT"] == "connect/ipv4"], [("9", "1")])
            with Terminal(columns=120) as terminal:
                # Counted in the kernel, no namespace is too calm to be looked at.
                terminal.type(f"{FAST} --source netlink {' '.join(words)}")
                terminal.see(f"{full}: connect() over IPv4 is 90% used: 1 left before EADDRNOTAVAIL")
                terminal.press("5")
                terminal.see("NAMESPACES 3", "host", full, f"  {calm}", "little used")
                terminal.press("n")
                terminal.see("ports 40000–40009")
                terminal.press("q")
                terminal.see("ready>", without=["NAMESPACES"])


if __name__ == "__main__":
    unittest.main()
