"""Loads the exporter with wrk and watches what it holds. See soak."""
import os
import pathlib
import re
import subprocess
import sys
import time

import support

SECONDS = int(os.environ["SOAK_SECONDS"])
CLIENTS = 32
# What an allocator may still take after it has settled.
SLACK_KILOBYTES = 2048


def held(pid):
    """Resident kilobytes, and open descriptors."""
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1]), len(os.listdir(f"/proc/{pid}/fd"))


def main():
    with support.exporter() as exporter:
        pid = exporter.process.pid
        at_rest = held(pid)
        load = subprocess.Popen(
            ["wrk", "--threads", "2", "--connections", str(CLIENTS), "--duration", f"{SECONDS}s", "--timeout", "10s",
             "--header", "Accept-Encoding: gzip", f"http://127.0.0.1:{exporter.port}/metrics"], stdout=subprocess.PIPE, text=True)
        samples = []
        while load.poll() is None:
            samples.append(held(pid))
            time.sleep(max(SECONDS / 60, 0.5))
        report = load.stdout.read()
        support.until(lambda: held(pid)[1] <= at_rest[1] + 1)
        after = held(pid)
        status = exporter.stop()
    print(report)
    settled = samples[len(samples) // 4:]
    growth = max(memory for memory, _ in settled[len(settled) // 2:]) - max(memory for memory, _ in settled[:len(settled) // 2])
    print(f"resident: {at_rest[0]} kB at rest, {max(m for m, _ in samples)} kB at most, {after[0]} kB afterwards")
    print(f"descriptors: {at_rest[1]} at rest, {max(d for _, d in samples)} at most, {after[1]} afterwards")
    problems = []
    if status != 0:
        problems.append(f"it ended with status {status}")
    if growth > SLACK_KILOBYTES:
        problems.append(f"resident memory grew by {growth} kB in the second half")
    if max(d for _, d in samples) > at_rest[1] + CLIENTS + 4:
        problems.append("it holds more descriptors than clients")
    if "Non-2xx" in report or re.search(r"Socket errors: .*[1-9]", report):
        problems.append("not every answer was a 200")
    for problem in problems:
        print(f"soak: {problem}", file=sys.stderr)
    sys.exit(bool(problems))


if __name__ == "__main__":
    main()
