"""What the tests share: the built program as a server or a command, and plain HTTP."""
import contextlib
import http.client
import os
import resource
import signal
import socket
import subprocess
import tempfile
import time

BINARY = os.environ["PORTPOOL_BINARY"]
# What Prometheus 2.42 and 3.14 send.
ACCEPT_2_42 = ("application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
               "text/plain;version=0.0.4;q=0.5,*/*;q=0.1")
ACCEPT_3_14 = ("application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,"
               "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def portpool(*arguments, status=0, timeout=30):
    """Runs the program to its end; its exit status must be `status`. Gives standard output and standard error."""
    done = subprocess.run([BINARY, *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=timeout)
    if done.returncode != status:
        raise AssertionError(f"portpool {' '.join(arguments)}: status {done.returncode} instead of {status}\n{done.stdout}{done.stderr}")
    return done.stdout, done.stderr


class Program:
    """A program that runs until the test ends; its output goes to a file."""

    def __init__(self, command, **options):
        self.log = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, **options)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.log.close()

    @property
    def said(self):
        self.log.flush()
        with open(f"/proc/self/fd/{self.log.fileno()}") as file:
            return file.read()

    def stop(self, by=signal.SIGTERM):
        self.process.send_signal(by)
        return self.process.wait(timeout=20)

    def wait_for_port(self, port, host="127.0.0.1"):
        deadline = time.monotonic() + 30
        while True:
            with contextlib.suppress(OSError), socket.create_connection((host, port), timeout=1):
                return self
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"{self.process.args[0]} does not listen on {port}:\n{self.said}")
            time.sleep(0.02)

    def wait_until_ready(self, port, headers=None):
        """Waits until it serves, which Portpool and Prometheus do a moment after they listen."""
        self.wait_for_port(port)
        until(lambda: get(port, "/-/ready", headers=headers)[0] == 200, every=0.02)
        return self


def exporter(*arguments, port=None, **options):
    """The exporter, listening on `port` of 127.0.0.1."""
    port = port or free_port()
    program = Program([BINARY, "serve", "--web.listen-address", f"127.0.0.1:{port}", *arguments], **options)
    program.port = port
    return program.wait_until_ready(port)


def get(port, path="/metrics", method="GET", headers=None, host="127.0.0.1"):
    """Status, headers and body of one request."""
    connection = http.client.HTTPConnection(host, port, timeout=30)
    try:
        connection.request(method, path, headers=headers or {})
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    finally:
        connection.close()


def until(condition, seconds=90, every=0.2):
    """Waits until `condition` gives something true, and gives it."""
    deadline = time.monotonic() + seconds
    while True:
        with contextlib.suppress(OSError, http.client.HTTPException):
            if value := condition():
                return value
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds} s in vain")
        time.sleep(every)


def sysctl(name, value):
    with open(f"/proc/sys/net/{name}", "w") as file:
        # An empty list is a line too: to write nothing changes nothing.
        file.write(f"{value}\n")


@contextlib.contextmanager
def pool(ports):
    """The namespace has a pool of this many ports, from 40000 on, and this process may hold as many sockets as it is ever allowed."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    settings = {"ipv4/ip_local_port_range": f"40000 {40000 + ports - 1}", "core/somaxconn": "4096"}
    before = {}
    for name in settings:
        with open(f"/proc/sys/net/{name}") as file:
            before[name] = file.read().strip()
    try:
        for name, value in settings.items():
            sysctl(name, value)
        yield
    finally:
        for name, value in before.items():
            sysctl(name, value)
