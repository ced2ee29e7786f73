"""`portpool doctor` in a namespace with a name: what it prints ends what it found."""
import json
import os
import re
import subprocess
import sys
import unittest

import support
from control_group import MOUNT_POINT, ControlGroups
from namespaces import HeldNamespace

# Sends from forty ports that the kernel chose, and waits.
SENDERS = """
import socket, sys
held = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(40)]
for sender in held:
    sender.bind(("127.0.0.1", 0))
print("bound", flush=True)
sys.stdin.read()
"""


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
        self.assertIn("PERMANENT SETTINGS: WHERE THE NAMESPACE IS CREATED", page)
        self.assertNotIn("60-portpool.conf", page)


class HostileNames(unittest.TestCase):
    """Anybody may name a control group, and whoever adds a namespace names it: neither name may move the cursor of those who read it."""

    NAME = "evil\x1b[2J\u202egpj;$(id)"
    SHOWN = "evil\\x1b[2J\\u202egpj;$(id)"

    def test_control_group(self):
        """`snapshot --collector.owners` shows a control group's name without obeying it"""
        with ControlGroups() as groups:
            if not groups.folder:
                self.skipTest("no control group can be made here")
            holder = subprocess.Popen([sys.executable, "-c", SENDERS], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                      preexec_fn=lambda: groups.join(self.NAME + ".service"))
            try:
                self.assertEqual(holder.stdout.readline(), "bound\n")
                table, _ = support.portpool("snapshot", "--collector.owners", f"--path.cgroupfs={MOUNT_POINT}")
            finally:
                holder.communicate()
        self.assertRegex(table, re.escape(self.SHOWN) + r"\.service +40\n")
        self.assertTrue(all(character == "\n" or character.isprintable() for character in table), repr(table))

    def test_namespace(self):
        """`doctor` names a namespace without obeying it, and its command, pasted into a shell, reaches that namespace and runs nothing else"""
        name = f"{self.NAME}-{os.getpid()}"
        subprocess.run(["ip", "netns", "add", name], check=True)
        self.addCleanup(subprocess.run, ["ip", "netns", "delete", name], check=True)
        inside = ["ip", "netns", "exec", name]
        subprocess.run([*inside, "sysctl", "-qw", "net.ipv4.ip_local_port_range=40000 40099"], check=True)
        page = subprocess.run([*inside, support.BINARY, "doctor", "--interval", "0"], capture_output=True, text=True, timeout=60).stdout
        self.assertTrue(all(character == "\n" or character.isprintable() for character in page), repr(page))
        self.assertIn(self.SHOWN, page)
        command = next(line for line in page.splitlines() if "nsenter" in line and "ip_local_port_range" in line)
        subprocess.run(["bash", "-c", command], check=True, capture_output=True)
        after = subprocess.run([*inside, "sysctl", "-n", "net.ipv4.ip_local_port_range"], check=True, capture_output=True, text=True).stdout
        self.assertEqual(after.split(), ["32768", "60999"])


if __name__ == "__main__":
    unittest.main()
