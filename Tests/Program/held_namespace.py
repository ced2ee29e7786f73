"""A network namespace beside the test's own, with a range of its own and connections that stay open."""
import os
import subprocess
import sys

# Sets the range, makes connections over loopback, and says how many it made.
HOLDER = """
import socket, sys
first, last, count = sys.argv[1:]
with open("/proc/sys/net/ipv4/ip_local_port_range", "w") as file:
    file.write(f"{first} {last}")
listener = socket.create_server(("127.0.0.1", 8080), backlog=4096)
held = []
try:
    while len(held) < int(count):
        held.append(socket.create_connection(("127.0.0.1", 8080)))
except OSError:
    pass
print(len(held), flush=True)
sys.stdin.read()
"""


class HeldNamespace:
    """`made` connections, as many as were wanted or as there were ports; `label` is what the exporter calls the namespace."""

    def __init__(self, first, last, count, **options):
        command = ["unshare", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh", sys.executable, "-c", HOLDER]
        self.process = subprocess.Popen([*command, str(first), str(last), str(count)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        **options)
        self.made = int(self.process.stdout.readline())
        self.label = os.readlink(f"/proc/{self.process.pid}/ns/net")[len("net:["):-1]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()
