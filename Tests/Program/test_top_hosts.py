"""`portpool top --url`: another host, be it well, gone, slow or strange."""
import copy
import json
import pathlib
import subprocess
import tempfile
import unittest

import support
from other_host import Host
from terminal import Terminal
from top import FAST, Connections, document, rows


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
            terminal.see("! \\x1b[31mred", "TUPLES")
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
