"""What the tests of `portpool top` share: the command, connections to look at, and its lines as rows."""
import json
import re
import socket

import support

FAST = f"{support.BINARY} top --interval 200ms"


class Connections:
    """Connections to a listener outside of the pool, held until the test ends."""

    def __init__(self, count, address="127.0.0.9", port=8080):
        self.listener = socket.create_server((address, port), backlog=4096)
        self.destination = f"{address}:{port}"
        self.clients, self.servers = [], []
        self.more(count)

    def more(self, count):
        address, port = self.listener.getsockname()
        self.clients += [socket.create_connection((address, port)) for _ in range(count)]
        self.servers += [self.listener.accept()[0] for _ in range(count)]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for one in self.clients + self.servers:
            # No TIME_WAIT, so that the next test finds an empty pool.
            one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        for one in [*self.clients, *self.servers, self.listener]:
            one.close()


def document():
    return json.loads(support.portpool("snapshot", "--format", "json")[0])


def rows(text):
    """The lines of --batch, a dictionary each."""
    lines = text.splitlines()
    names = lines[0].split()
    return [dict(zip(names, re.split(r"  +", line))) for line in lines[1:]]
