"""Network namespaces next to the test's own, each with a port range of its own and connections that stay open."""
import contextlib
import os
import subprocess
import sys

import support

# Sets the range, opens the servers, makes connections over loopback, and says how many it made.
HOLDER = """
import socket, sys
first, last, count, *servers = sys.argv[1:]
with open("/proc/sys/net/ipv4/ip_local_port_range", "w") as file:
    file.write(f"{first} {last}")
listener = socket.create_server(("127.0.0.1", 8080), backlog=4096)
held = [socket.create_server(("127.0.0.1", int(port))) for port in servers]
made = 0
try:
    while made < int(count):
        held.append(socket.create_connection(("127.0.0.1", 8080)))
        made += 1
except OSError:
    pass
print(made, flush=True)
sys.stdin.read()
"""


class HeldNamespace:
    """`made` connections to 127.0.0.1:8080: `count`, or as many as there were ports. `label` is what the exporter calls the namespace.

    With a `name` the namespace is one of `ip netns`, deleted at the end. `servers` are further ports that listen.
    """

    def __init__(self, first, last, count, *, name=None, servers=(), **options):
        self.name = name
        if name:
            ip("netns", "add", name)
            ip("-netns", name, "link", "set", "lo", "up")
            inside = ["ip", "netns", "exec", name]
        else:
            inside = ["unshare", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"]
        words = [str(word) for word in (first, last, count, *servers)]
        self.process = subprocess.Popen([*inside, sys.executable, "-c", HOLDER, *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        **options)
        self.made = int(self.process.stdout.readline())
        self.label = name or os.readlink(f"/proc/{self.process.pid}/ns/net")[len("net:["):-1]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()
        if self.name:
            ip("netns", "delete", self.name)


@contextlib.contextmanager
def empty_namespace():
    """A namespace without a socket; gives its label."""
    process = subprocess.Popen(["unshare", "--net", "sleep", "infinity"])
    try:
        own = os.readlink("/proc/self/ns/net")
        support.until(lambda: os.readlink(f"/proc/{process.pid}/ns/net") != own, every=0.02)
        yield os.readlink(f"/proc/{process.pid}/ns/net")[len("net:["):-1]
    finally:
        process.kill()
        process.wait()


def ip(*words):
    subprocess.run(["ip", *words], check=True, capture_output=True, text=True)
