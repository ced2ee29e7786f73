"""Clients that mean no good: whatever they do, an honest scrape is answered meanwhile, and the server goes on."""
import contextlib
import os
import random
import select
import socket
import threading
import time
import unittest

import hostile
import load
import support

CLIENTS = 300
# Seconds. A server that is kept busy lets a scrape wait for one of its time-outs: ten, or a minute.
LONGEST_SCRAPE = float(os.environ.get("PORTPOOL_HOSTILE_LONGEST", "4"))


class Flood:
    """Keeps 300 connections from one address, each of which says `said`, and opens another for each that the server ends."""

    def __init__(self, port, said, reads=True):
        self.port, self.said, self.reads = port, said, reads
        self.opened, self.isOver = 0, False
        self.poll, self.connections = select.epoll(), {}
        self.thread = threading.Thread(target=self.run)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.isOver = True
        self.thread.join()
        for connection in self.connections.values():
            connection.close()
        self.poll.close()

    def open(self):
        connection = socket.socket()
        if not self.reads:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
        connection.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            connection.connect(("127.0.0.1", self.port))
        self.connections[connection.fileno()] = connection
        self.poll.register(connection, select.EPOLLOUT)
        self.opened += 1

    def run(self):
        for _ in range(CLIENTS):
            self.open()
        while not self.isOver:
            for number, events in self.poll.poll(0.1):
                connection = self.connections[number]
                try:
                    if events & (select.EPOLLHUP | select.EPOLLERR | select.EPOLLRDHUP):
                        raise ConnectionError
                    if events & select.EPOLLOUT:
                        if self.said:
                            connection.send(self.said)
                        # Who does not read learns of the end alone.
                        self.poll.modify(connection, select.EPOLLRDHUP | (select.EPOLLIN if self.reads else 0))
                    elif not connection.recv(65536):
                        raise ConnectionError
                except OSError:
                    self.poll.unregister(connection)
                    self.connections.pop(number).close()
                    self.open()


class Clients(unittest.TestCase):
    def test_floods(self):
        """an honest scrape is answered within its deadline while 300 connections of one address hold what they can"""
        get = b"GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n"
        floods = {
            "a body that does not come": Flood(0, b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n"),
            "half a head": Flood(0, b"GET /metrics HTTP/1.1\r\nHost: a\r\nX-Slow: "),
            "nothing": Flood(0, b""),
            "no HTTP": Flood(0, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"),
            "answers that nobody reads": Flood(0, get * 16, reads=False),
            "pages that nobody reads": Flood(0, get.replace(b"/metrics", b"/") * 16, reads=False),
        }
        with support.exporter() as exporter:
            for name, flood in floods.items():
                flood.port = exporter.port
                with self.subTest(name), flood:
                    time.sleep(1)
                    self.honest(exporter.port, 3 * hostile.SCALE, name, flood)
            self.assertEqual(exporter.stop(), 0)

    def honest(self, port, seconds, name, flood):
        waits, begin = [], time.monotonic()
        while time.monotonic() < begin + seconds:
            waits.append(load.wait(port, {}, source="127.0.0.2"))
            # Requests of the flood's own address are counted with the flood's, so that a full house is told to it at once.
            if flood.reads:
                waits.append(load.wait(port, {}))
            time.sleep(0.2)
        print(f"\n  {name}: {len(waits)} scrapes, the longest {max(waits):.2f} s; {flood.opened} connections", end=" ", flush=True)
        self.assertLess(max(waits), LONGEST_SCRAPE, name)

    def test_requests(self):
        """requests as nobody writes them are answered or refused, one after the other, by a server that stays well"""
        mutator, choice = hostile.Mutator(hostile.SEED), random.Random(hostile.SEED)
        with support.exporter() as exporter:
            for number in range(400 * hostile.SCALE):
                request = choice.choice(REQUESTS)
                for _ in range(choice.choice([1, 1, 2, 5])):
                    request = choice.choice([mutator.number, mutator.text, mutator.cut, mutator.lines])(request)
                with socket.create_connection(("127.0.0.1", exporter.port), timeout=30) as connection:
                    with contextlib.suppress(OSError):
                        connection.sendall(request)
                        connection.shutdown(socket.SHUT_WR)
                    answer = b""
                    with contextlib.suppress(ConnectionResetError):
                        while part := connection.recv(1 << 16):
                            answer += part
                self.assertRegex(answer or b"HTTP/1.1 ", rb"\AHTTP/1\.[01] ", f"{number}: {request}")
                if number % 50 == 0:
                    self.assertEqual(support.get(exporter.port)[0], 200, f"{number}: {request}")
            self.assertEqual(exporter.stop(), 0)
            hostile.check_output(exporter.said.encode(), "the log")


REQUESTS = [
    b"GET /metrics HTTP/1.1\r\nHost: localhost:10097\r\nAccept: text/plain;version=0.0.4;q=0.5,*/*;q=0.1\r\nAccept-Encoding: gzip\r\n"
    b"X-Prometheus-Scrape-Timeout-Seconds: 10\r\n\r\n",
    b"GET /metrics?collect[]=tcp&collect[]=udp&exclude[]=owners HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n",
    b"POST /-/healthy HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
    b"GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Basic YWxpY2U6czNjcmV0\r\nIf-None-Match: \"1\"\r\nCookie: a=b\r\n\r\n",
    b"GET /api/v1/snapshot?pretty=1 HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n0\r\n\r\n",
    b"HEAD /metrics HTTP/1.1\r\nHost: a\r\n\r\nGET /-/ready HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nUpgrade: h2c\r\n\r\n",
    b"OPTIONS * HTTP/1.1\r\nHost: [::1]\r\nRange: bytes=0-10\r\n\r\n",
]
