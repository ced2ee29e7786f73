"""`portpool doctor` in a namespace with a name: what it prints ends what it found."""
import json
import os
import subprocess
import unittest

import support
from namespaces import HeldNamespace


class Doctor(unittest.TestCase):
    def setUp(self):
        held = self.enterContext(HeldNamespace(40000, 40099, 100, name=f"portpool-doctor-{os.getpid()}", servers=[20000]))
        self.assertEqual(held.made, 100)
        self.name = held.name

    def doctor(self, *words):
        return subprocess.run(["ip", "netns", "exec", self.name, support.BINARY, "doctor", "--interval", "0", *words],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)

    def test_commands(self):
        """the commands, typed as they are into a shell of the host's, end what was found there and change nothing here"""
        with open("/proc/sys/net/ipv4/ip_local_port_range") as file:
            before = file.read()
        sick = self.doctor("--format", "json")
        document = json.loads(sick.stdout)
        self.assertEqual((sick.returncode, document["status"], document["netns"]), (1, 1, self.name))
        self.assertEqual({finding["id"] for finding in document["findings"]}, {"tuple-exhausted", "narrow-pool"})
        for setting in [setting for finding in document["findings"] for setting in finding["settings"]]:
            self.assertTrue(setting["command"].startswith(f"nsenter --net=/run/netns/{self.name} sysctl -w "), setting)
            self.assertNotIn("file", setting)
            subprocess.run(setting["command"], shell=True, check=True, capture_output=True)
        left = {finding["id"] for finding in json.loads(self.doctor("--format", "json").stdout)["findings"]}
        # The connections of the second half are still there, and look as if their program had bound them.
        self.assertEqual(left, {"bind-before-connect"})
        with open("/proc/sys/net/ipv4/ip_local_port_range") as file:
            self.assertEqual(file.read(), before)

    def test_page(self):
        """the page says what the JSON says, and where the settings of such a namespace are kept"""
        page, document = self.doctor().stdout, json.loads(self.doctor("--format", "json").stdout)
        for finding in document["findings"]:
            words = [finding["title"], *finding["evidence"], *finding["remedy"]]
            for word in words + [setting[key] for setting in finding["settings"] for key in ("command", "line")]:
                self.assertIn(word, page)
        self.assertIn("FOR GOOD: WHERE THE NAMESPACE IS MADE", page)
        self.assertNotIn("60-portpool.conf", page)


if __name__ == "__main__":
    unittest.main()
