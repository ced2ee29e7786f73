"""What installs packages for the make targets, with stand-ins for apt and dpkg."""

import os
import pathlib
import subprocess
import tempfile

from harness import ROOT, check, equal

# One file for each program that would change the machine. A package can be installed once the lists are there.
STAND_INS = {
    "dpkg-query": "exit 1",
    "apt-config": 'echo "LISTS=\'$STATE/lists/\'"',
    "apt-get": """for word; do case $word in
  update) echo update >>"$STATE/calls"; echo >"$STATE/lists/debian_main_Packages.lz4" ;;
  install) echo install >>"$STATE/calls"
    [ -e "$STATE/lists/debian_main_Packages.lz4" ] || { echo "E: Unable to locate package" >&2; exit 100; } ;;
esac; done""",
    "chmod": "exit 0", "rm": "exit 0", "tee": "exec cat >/dev/null", "sudo": 'exec "$@"',
}


@check("packages are installed without an error of apt, on a fresh machine after its lists were fetched, on others at once")
def _():
    for lists, calls in (([], ["update", "install"]), (["debian_main_Packages.lz4"], ["install"])):
        with tempfile.TemporaryDirectory() as folder:
            state = pathlib.Path(folder)
            for name in ("programs", "lists"):
                (state / name).mkdir()
            for name in ["lock", *lists]:
                (state / "lists" / name).touch()
            for name, text in STAND_INS.items():
                (state / "programs" / name).write_text(f"#!/bin/sh\n{text}\n")
                (state / "programs" / name).chmod(0o755)
            done = subprocess.run(
                [ROOT / "Tests/Checks/install-packages", "some-package"], capture_output=True, text=True,
                env=os.environ | {"PATH": f"{state}/programs:{os.environ['PATH']}", "STATE": folder})
            equal((done.returncode, done.stderr), (0, ""), "status and complaints")
            equal((state / "calls").read_text().split(), calls, "calls of apt-get")
