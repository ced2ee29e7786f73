"""Loads the exporter and watches what it holds. See soak."""
import os
import pathlib
import re
import sys
import tempfile
import time

import load
import support

REQUESTS = int(os.environ["SOAK_REQUESTS"])
FLOOD_SECONDS = int(os.environ["SOAK_SECONDS"])
ROUND_SECONDS = 20
MOST_ROUNDS = 40
# Kilobytes of resident memory: at rest after a scrape, and after the load.
MOST_AT_REST, MOST_AFTERWARDS = 24 << 10, 28 << 10
# What an allocator may still take after it has settled.
SLACK = 1024


class Held:
    """What a process holds: kilobytes of memory, and descriptors."""

    def __init__(self, pid):
        status = pathlib.Path(f"/proc/{pid}/status").read_text()
        self.resident, self.anonymous, self.file, self.peak = (
            int(re.search(rf"{name}:\s+(\d+)", status)[1]) for name in ("VmRSS", "RssAnon", "RssFile", "VmHWM"))
        self.descriptors = len(os.listdir(f"/proc/{pid}/fd"))

    def __str__(self):
        return (f"{self.resident} kB resident ({self.anonymous} anonymous, {self.file} of files, at most {self.peak}), "
                f"{self.descriptors} descriptors")


def scrapes(exporter, problems):
    pid = exporter.process.pid
    support.get(exporter.port)
    at_rest = Held(pid)
    print(f"at rest:      {at_rest}", flush=True)
    if at_rest.resident > MOST_AT_REST:
        problems.append(f"it holds {at_rest.resident} kB at rest, more than {MOST_AT_REST}")
    done, rounds, begin = 0, [], time.monotonic()
    while done < REQUESTS and len(rounds) < MOST_ROUNDS:
        scrapers = load.wrk(exporter.port, ROUND_SECONDS, {"Accept-Encoding": "gzip"})
        most = at_rest
        while scrapers.poll() is None:
            most = max(most, Held(pid), key=lambda held: held.descriptors)
            time.sleep(0.5)
        requests, refused = load.counts(scrapers.stdout.read())
        support.until(lambda: Held(pid).descriptors <= at_rest.descriptors + 1)
        done += requests
        rounds.append(Held(pid))
        print(f"{done:9} done: {rounds[-1]}, {most.descriptors} under load", flush=True)
        if refused:
            problems.append(f"{refused} of {requests} answers were not a 200")
        if most.descriptors > at_rest.descriptors + load.CLIENTS + 4:
            problems.append(f"it holds {most.descriptors} descriptors for {load.CLIENTS} clients")
    print(f"{done} requests in {time.monotonic() - begin:.0f} s")
    if done < REQUESTS:
        problems.append(f"only {done} requests in {len(rounds)} rounds")
    half = len(rounds) // 2
    if half and (growth := max(held.anonymous for held in rounds[half:]) - max(held.anonymous for held in rounds[:half])) > SLACK:
        problems.append(f"its memory grew by {growth} kB in the second half")
    if rounds[-1].resident > MOST_AFTERWARDS:
        problems.append(f"it holds {rounds[-1].resident} kB afterwards, more than {MOST_AFTERWARDS}")


def passwords(problems):
    newcomers = [f"newcomer{number}" for number in range(5)]
    with tempfile.TemporaryDirectory() as directory:
        config = pathlib.Path(directory) / "web.yml"
        config.write_text("basic_auth_users:\n" + "".join(f"  {user}: {load.HASHES[10]}\n" for user in ["known", *newcomers]))
        with load.guarded(str(config), "known") as exporter:
            before = Held(exporter.process.pid)
            waits, first_waits, requests = load.flood(exporter.port, FLOOD_SECONDS, "known", newcomers)
            after = Held(exporter.process.pid)
            status = exporter.stop()
    print(f"{requests} wrong passwords in {FLOOD_SECONDS} s: {len(waits)} scrapes waited {sorted(waits)[len(waits) // 2] * 1000:.0f} ms "
          f"(median) and {max(waits) * 1000:.0f} ms at most, {len(first_waits)} first logins {max(first_waits) * 1000:.0f} ms at most")
    print(f"before:       {before}\nafter:        {after}")
    if max(waits + first_waits) >= 1:
        problems.append("a scrape with the right password waited a second or more")
    if after.resident > MOST_AFTERWARDS:
        problems.append(f"it holds {after.resident} kB after the flood, more than {MOST_AFTERWARDS}")
    if status != 0:
        problems.append(f"after the flood it ended with status {status}")


def main():
    problems = []
    # As the packages' unit runs it, which has no right to count in the kernel: the programs' memory is another matter.
    with support.exporter("--source", "netlink") as exporter:
        scrapes(exporter, problems)
        if (status := exporter.stop()) != 0:
            problems.append(f"it ended with status {status}")
    passwords(problems)
    for problem in problems:
        print(f"soak: {problem}", file=sys.stderr)
    sys.exit(bool(problems))


if __name__ == "__main__":
    main()
