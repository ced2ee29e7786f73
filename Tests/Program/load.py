"""What loads the exporter: scrapes as fast as they go, and wrong passwords between those with the right one."""
import base64
import http.client
import re
import subprocess
import time

import support

CLIENTS = 32
# "test", by the cost of its bcrypt hash. The first is the example in the guide of Prometheus.
HASHES = {12: "$2b$12$hNf2lSsxfm0.i4a.1kVpSOVyBCfIB51VRjgBUyv6kdnyTlgWj81Ay",
          10: "$2b$10$hNf2lSsxfm0.i4a.1kVpSOENAo.A9bR93q8LrR/4B6KZolaIgHQvq"}


def login(user, password):
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


def guarded(config, user):
    """The exporter behind the logins of a configuration, once it serves `user`."""
    port = support.free_port()
    command = [support.BINARY, "serve", "--web.listen-address", f"127.0.0.1:{port}", "--source", "netlink", "--web.config.file", config]
    program = support.Program(command)
    program.port = port
    return program.wait_until_ready(port, login(user, "test"))


def wrk(port, seconds, headers):
    """wrk, running."""
    words = [word for name, value in headers.items() for word in ("--header", f"{name}: {value}")]
    return subprocess.Popen(
        ["wrk", "--threads", "1", "--connections", str(CLIENTS), "--duration", f"{seconds}s", "--timeout", "10s", *words,
         f"http://127.0.0.1:{port}/metrics"], stdout=subprocess.PIPE, text=True)


def counts(report):
    """The requests of a report of wrk, and those that had another answer than 2xx, or none."""
    requests = int(re.search(r"(\d+) requests in", report)[1])
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", report)
    errors = re.search(r"Socket errors: (.*)", report)
    return requests, (int(refused[1]) if refused else 0) + (sum(map(int, re.findall(r"\d+", errors[1]))) if errors else 0)


def wait(port, headers, source="127.0.0.1"):
    """How many seconds a scrape takes. It comes on a connection of its own, from an address of this host."""
    begin = time.monotonic()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60, source_address=(source, 0))
    try:
        connection.request("GET", "/metrics", headers=headers)
        answer = connection.getresponse()
        body = answer.read()
    finally:
        connection.close()
    if answer.status != 200 or not body.endswith(b"\n"):
        raise AssertionError(f"status {answer.status}: {body[:200]!r}")
    return time.monotonic() - begin


def flood(port, seconds, known, newcomers=()):
    """Sends wrong passwords for this many seconds. Gives how long scrapes of the `known` user wait meanwhile, and the first of each newcomer,
    who comes from an address that the flood does not come from."""
    load = wrk(port, seconds, login(known, "wrong"))
    waits, first_waits, newcomers = [], [], list(newcomers)
    pause = seconds / (len(newcomers) + 1)
    begin = time.monotonic()
    while load.poll() is None:
        waits.append(wait(port, login(known, "test")))
        if newcomers and time.monotonic() - begin > pause * (len(first_waits) + 1):
            first_waits.append(wait(port, login(newcomers.pop(), "test"), source="127.0.0.2"))
        time.sleep(0.1)
    requests, refused = counts(load.stdout.read())
    if requests == 0 or refused < requests:
        raise AssertionError(f"{requests} wrong passwords, {refused} refused")
    return waits, first_waits, requests
