"""Units, drop-ins, the defaults file and the sysctl snippet, with systemd's own tools."""

import configparser
import pathlib
import re
import shutil
import tempfile

from harness import DEPLOY, check, equal, require, run, tool

SYSTEMD = DEPLOY / "systemd"
UNITS = ["portpool.service", "portpool.socket", "portpool-textfile.service", "portpool-textfile.timer"]
DROPINS = sorted(path.name for path in (SYSTEMD / "dropins").glob("*.conf"))


class Staged:
    """A root folder with the units, a program where they look for it, and one drop-in if asked for."""

    def __init__(self, dropin=None):
        self.dropin = dropin

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory()
        root = pathlib.Path(self.folder.name)
        units = root / "usr/lib/systemd/system"
        units.mkdir(parents=True)
        for name in UNITS:
            shutil.copy(SYSTEMD / name, units)
        for name in ("sysinit", "basic", "network", "sockets", "timers", "multi-user", "shutdown"):
            shutil.copy(f"/usr/lib/systemd/system/{name}.target", units)
        for program in ("usr/bin/portpool", "bin/kill"):
            (root / program).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy("/bin/true", root / program)
        if self.dropin:
            (units / "portpool.service.d").mkdir()
            shutil.copy(SYSTEMD / "dropins" / self.dropin, units / "portpool.service.d")
        return root

    def __exit__(self, *_):
        self.folder.cleanup()


def settings(*paths):
    """Key to the list of its values, an empty assignment starting the list over, over a unit and its drop-ins."""
    found = {}
    for path in paths:
        for line in path.read_text().splitlines():
            match = re.match(r"([A-Za-z]+)=(.*)", line)
            if match:
                key, value = match.groups()
                found[key] = [] if value == "" and key.startswith("Exec") else found.get(key, []) + [value]
    return found


for dropin in [None, *DROPINS]:

    @check(f"systemd-analyze verify has nothing to say about the units{f' with {dropin}' if dropin else ''}")
    def _(dropin=dropin):
        with Staged(dropin) as root:
            found = run(tool("systemd-analyze", "systemd"), "verify", "--man=no", f"--root={root}", *UNITS)
        equal(found, "", "output")


@check("systemd-analyze verify would notice a setting that does not exist")
def _():
    with Staged() as root:
        unit = root / "usr/lib/systemd/system/portpool.service"
        unit.write_text(unit.read_text().replace("ProtectHome=", "ProtectHomes="))
        found = run(tool("systemd-analyze", "systemd"), "verify", "--man=no", f"--root={root}", "portpool.service")
    require("ProtectHomes" in found, found)


THRESHOLDS = {None: 15, "owners.conf": 15, "snat.conf": 15, "socket.conf": 15, "web-config.conf": 15, "kernel.conf": 18, "refusals.conf": 18, "namespaces.conf": 26}

for dropin, threshold in THRESHOLDS.items():

    @check(f"portpool.service{f' with {dropin}' if dropin else ''} is exposed at most {threshold / 10} in systemd-analyze security")
    def _(dropin=dropin, threshold=threshold):
        with tempfile.TemporaryDirectory() as folder:
            unit = pathlib.Path(folder) / "portpool.service"
            shutil.copy(SYSTEMD / "portpool.service", unit)
            shutil.copy(SYSTEMD / "portpool.socket", folder)
            if dropin:
                (pathlib.Path(folder) / "portpool.service.d").mkdir()
                shutil.copy(SYSTEMD / "dropins" / dropin, pathlib.Path(folder) / "portpool.service.d")
            run(tool("systemd-analyze", "systemd"), "security", "--offline=true", f"--threshold={threshold}", unit)


@check("portpool-textfile.service is exposed at most 1.8 in systemd-analyze security")
def _():
    run(tool("systemd-analyze", "systemd"), "security", "--offline=true", "--threshold=18", SYSTEMD / "portpool-textfile.service")


@check("every drop-in has a threshold of its own")
def _():
    equal(set(DROPINS), {name for name in THRESHOLDS if name}, "drop-ins")


@check("the unit forbids what it must and not what the exporter needs")
def _():
    unit = settings(SYSTEMD / "portpool.service")
    for key, value in {
        "Type": "notify",
        "DynamicUser": "yes",
        "CapabilityBoundingSet": "",
        "AmbientCapabilities": "",
        "ProtectSystem": "strict",
        "MemoryDenyWriteExecute": "yes",
        "NoNewPrivileges": "yes",
        "RestrictAddressFamilies": "AF_INET AF_INET6 AF_NETLINK AF_UNIX",
    }.items():
        equal(unit.get(key), [value], key)
    equal(unit["SystemCallFilter"], ["@system-service", "~@privileged @resources", "setpriority"], "SystemCallFilter")
    require("WatchdogSec" in unit, "WatchdogSec=")
    for key in ("ProcSubset", "PrivateNetwork"):
        require(key not in unit, f"{key}= would hide the pool")


GRANTS = {"namespaces.conf": ["CAP_SYS_ADMIN CAP_SYS_PTRACE CAP_DAC_READ_SEARCH"], "kernel.conf": ["CAP_BPF CAP_PERFMON"], "refusals.conf": ["CAP_BPF CAP_PERFMON"]}


@check("namespaces.conf grants three capabilities, kernel.conf and refusals.conf two, and no other drop-in grants any")
def _():
    for name in DROPINS:
        dropin = settings(SYSTEMD / "dropins" / name)
        expected = GRANTS.get(name)
        equal(dropin.get("CapabilityBoundingSet"), expected, name)
        equal(dropin.get("AmbientCapabilities"), expected, name)


@check("drop-ins go together: each sets a variable of its own, which the unit's command takes, and none changes the command")
def _():
    variable = lambda path: [value.split("=")[0] for value in settings(path).get("Environment", [])]
    every = [name for dropin in DROPINS for name in variable(SYSTEMD / "dropins" / dropin)]
    equal(len(every), len(DROPINS), "variables")
    (command,) = settings(SYSTEMD / "portpool.service")["ExecStart"]
    equal(command, " ".join(["/usr/bin/portpool serve", *(word for word in command.split() if word.startswith("$"))]), "ExecStart")
    equal(sorted(every), sorted(word[1:] for word in command.split() if word.startswith("$") and word != "$PORTPOOL_OPTIONS"), "variables")
    (empty,) = settings(SYSTEMD / "portpool.service")["Environment"]
    equal(set(empty.split()), {f"{name}=" for name in [*every, "PORTPOOL_OPTIONS"]}, "Environment")
    for dropin in DROPINS:
        require("ExecStart" not in settings(SYSTEMD / "dropins" / dropin), f"{dropin} has a command of its own")


@check("the socket unit, the sysctl snippet and the exporter agree on the port")
def _():
    equal(settings(SYSTEMD / "portpool.socket")["ListenStream"], ["10097"], "ListenStream")
    require(re.search(r"^net\.ipv4\.ip_local_reserved_ports = 10097$", (SYSTEMD / "portpool-sysctl.conf").read_text(), re.M), "sysctl")


@check("sysctl understands the snippet")
def _():
    parser = configparser.ConfigParser()
    parser.read_string("[sysctl]\n" + (SYSTEMD / "portpool-sysctl.conf").read_text())
    equal(dict(parser["sysctl"]), {"net.ipv4.ip_local_reserved_ports": "10097"}, "snippet")


@check("the defaults file is read by the unit and by a shell alike")
def _():
    file = settings(SYSTEMD / "portpool.service")["EnvironmentFile"]
    equal(file, ["-/etc/default/portpool"], "EnvironmentFile")
    text = run("sh", "-euc", f'. "{SYSTEMD}/portpool.default"; printf "%s" "$PORTPOOL_OPTIONS"')
    equal(text, "", "PORTPOOL_OPTIONS")
    require("$PORTPOOL_OPTIONS" in settings(SYSTEMD / "portpool.service")["ExecStart"][0], "ExecStart takes the options")
