"""A list of checks, each a sentence and a function that raises when the sentence is not true."""

import atexit
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[3]
TESTS = ROOT / "Tests" / "Deploy"
DEPLOY = ROOT / "deploy"
GRAFANA = ROOT / "grafana"

_checks = []


class Failure(Exception):
    """What was expected and what was found."""


class Skip(Exception):
    """Why a check could not be made here."""


def check(sentence):
    """Registers the function under a sentence."""

    def register(function):
        _checks.append((sentence, function))
        return function

    return register


def require(condition, message):
    if not condition:
        raise Failure(message)


def equal(found, expected, what):
    require(found == expected, f"{what}: expected {expected!r}, found {found!r}")


def tool(name, package):
    """The path of a program; a missing one fails the check and names the package that has it."""
    path = shutil.which(name)
    require(path, f"{name} is not installed (package {package})")
    return path


def run(*command, ok=True, **options):
    """Runs a command and returns its output, both streams together."""
    result = subprocess.run(
        [str(part) for part in command], text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, **options
    )
    if ok:
        require(result.returncode == 0, f"{command[0]} ended with {result.returncode}:\n{result.stdout}")
    return result.stdout


def scratch():
    """A folder that is gone when the checks end."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="deploy-checks-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def binary():
    """The built program, when there is one."""
    path = os.environ.get("PORTPOOL_BINARY")
    if not path:
        raise Skip("PORTPOOL_BINARY is not set")
    require(os.access(path, os.X_OK), f"PORTPOOL_BINARY={path} is not a program")
    return path


def main(arguments):
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is ended
    chosen = [(s, f) for s, f in _checks if not arguments or any(a in s or a in f.__module__ for a in arguments)]
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    for sentence, function in chosen:
        try:
            function()
            counts["passed"] += 1
            print(f"passed   {sentence}", flush=True)
        except Skip as reason:
            counts["skipped"] += 1
            print(f"skipped  {sentence}: {reason}", flush=True)
        except Exception as error:  # a check that breaks has failed
            counts["failed"] += 1
            print(f"FAILED   {sentence}: {type(error).__name__}: {error}", flush=True)
    skipped = f", {counts['skipped']} skipped" if counts["skipped"] else ""
    print(f"{counts['passed']} passed, {counts['failed']} failed{skipped}", flush=True)
    sys.exit(1 if counts["failed"] or not counts["passed"] else 0)
