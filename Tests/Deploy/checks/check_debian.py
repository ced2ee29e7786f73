"""The Debian package: built, held against lintian, installed, upgraded, removed and purged, with systemd running and without."""

import functools
import os
import pathlib
import re
import subprocess
import tempfile
import time

from harness import DEPLOY, binary, check, equal, require, run, scratch, tool
from machine import Machine

SCRIPTS = ["postinst", "prerm", "postrm"]


@functools.cache
def package():
    folder = scratch()
    run(DEPLOY / "debian" / "build", binary(), folder)
    (deb,) = folder.glob("*.deb")
    return deb


@functools.cache
def newer_package():
    """The same package under a higher version."""
    folder = scratch()
    run("dpkg-deb", "-R", package(), folder / "content")
    control = folder / "content/DEBIAN/control"
    control.write_text(re.sub(r"^(Version: .*)$", r"\1+upgrade", control.read_text(), flags=re.M))
    defaults = folder / "content/etc/default/portpool"
    defaults.write_text(defaults.read_text() + "# A newer file.\n")
    run("dpkg-deb", "--root-owner-group", "-Znone", "--build", folder / "content", folder / "newer.deb")
    return folder / "newer.deb"


def install(machine, deb):
    machine.put(deb, "/tmp/portpool.deb")
    return machine.run("env", "DEBIAN_FRONTEND=noninteractive", "dpkg", "--install", "--force-confold", "/tmp/portpool.deb")


def left_over(machine):
    """What is called portpool where packages and systemd keep files."""
    found = machine.run("find", "/etc", "/usr", "/var/lib/systemd", "/var/lib/dpkg/info", "/var/lib/private", "-xdev", "-iname", "*portpool*")
    return sorted(line for line in found.split("\n") if line and "/src/" not in line)


def property_of(machine, name, unit="portpool.service"):
    return machine.run("systemctl", "show", "--value", "--property", name, unit).strip()


def metrics(machine, port=10097):
    return machine.run("curl", "--silent", "--fail", "--max-time", "10", f"http://127.0.0.1:{port}/metrics")


def set_options(machine, options):
    file = machine.path("/etc/default/portpool")
    file.write_text(re.sub(r"^PORTPOOL_OPTIONS=.*$", f'PORTPOOL_OPTIONS="{options}"', file.read_text(), flags=re.M))


@check("lintian finds no error in the package")
def _():
    found = run(tool("lintian", "lintian"), "--fail-on", "error", "--allow-root", package())
    require("\nE: " not in "\n" + found, found)


@check("the package depends on what the program links, and two builds of it are the same, byte for byte")
def _():
    needed = set(re.findall(r"Shared library: \[(.*?)\]", run("readelf", "--dynamic", binary())))
    depends = run("dpkg-deb", "-f", package(), "Depends")
    names = {"libc.so.6": "libc6", "libgcc_s.so.1": "libgcc-s1", "libstdc++.so.6": "libstdc++6"}
    require(needed <= {*names, "libm.so.6", "ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1"}, f"{needed}")
    for library in needed & set(names):
        require(names[library] in depends, f"{library} is linked, Depends: {depends}")
    require(not re.search(r"swift|Foundation|icu|yaml|crypt|zlib", depends), depends)
    require("libc6 (>= 2.34)" in depends, f"{depends}: README.md says 2.34")
    first = package().read_bytes()
    with tempfile.TemporaryDirectory() as folder:
        run(DEPLOY / "debian" / "build", binary(), folder)
        require((pathlib.Path(folder) / package().name).read_bytes() == first, "the builds differ")


@check("a package is refused whose changelog names another version than the program")
def _():
    with tempfile.TemporaryDirectory() as folder:
        liar = pathlib.Path(folder) / "portpool"
        liar.write_text("#!/bin/sh\necho portpool 99.1.0\n")
        liar.chmod(0o755)
        said = run(DEPLOY / "debian" / "build", liar, folder, ok=False)
        require("99.1.0" in said and not list(pathlib.Path(folder).glob("*.deb")), said)


@check("without systemd the package installs, upgrades, is removed and purged, and leaves nothing")
def _():
    with Machine(systemd=False) as machine:
        before = left_over(machine)
        install(machine, package())
        require("portpool" in machine.run("portpool", "--version"), "it runs")
        machine.run("portpool", "snapshot", "--format", "json")
        set_options(machine, "--top-tuples=3")
        install(machine, newer_package())
        require('PORTPOOL_OPTIONS="--top-tuples=3"' in machine.path("/etc/default/portpool").read_text(), "the edited defaults are kept")
        machine.run("dpkg", "--remove", "portpool")
        require(machine.path("/etc/default/portpool").exists(), "removing keeps the defaults")
        machine.run("dpkg", "--purge", "portpool")
        equal(left_over(machine), before, "left over")


@check("with systemd the package starts the exporter under the unit's rules, upgrades, and leaves nothing when purged")
def _():
    with Machine(systemd=True) as machine:
        before = left_over(machine)
        install(machine, package())
        status = machine.try_run("sh", "-c", "systemctl status --no-pager portpool; journalctl --no-pager --unit portpool")[1]
        equal(property_of(machine, "ActiveState"), "active", f"portpool.service, {status}")
        equal(machine.run("systemctl", "is-enabled", "portpool.service").strip(), "enabled", "portpool.service")
        equal(machine.try_run("systemctl", "is-enabled", "portpool.socket")[1].strip(), "disabled", "portpool.socket")
        served = metrics(machine)
        require(re.search(r'^portpool_capacity_ports\{netns="host",protocol="tcp"\} \d+$', served, re.M), served)
        require(re.search(r'^portpool_scrape_collector_success\{collector="tcp"\} 1$', served, re.M), "the TCP collector works under the unit's rules")
        require(re.search(r'^portpool_source_info\{netns="host",source="netlink"\} 1$', served, re.M), "netlink works under the unit's rules")

        pid = property_of(machine, "MainPID")
        status = dict(line.split(":\t", 1) for line in machine.run("cat", f"/proc/{pid}/status").splitlines() if ":\t" in line)
        equal((status["CapEff"], status["CapBnd"], status["NoNewPrivs"], status["Seccomp"]), ("0" * 16, "0" * 16, "1", "2"), "rights")
        require(int(status["Uid"].split()[0]) >= 61184, f"a user of its own: {status['Uid']}")

        metrics(machine)
        said = machine.run("journalctl", "--no-pager", "--output=cat", "--unit", "portpool")
        require("errno=1\n" not in said, f"a call that the unit forbids: {said}")
        equal(set(re.findall(r'^portpool_source_info\{.*source="(\w+)"\} 1$', served, re.M)), {"netlink"}, "without a right sockets are listed")
        equal(re.findall(r"level=(\w+) msg=.*not counted in the kernel.*CAP_BPF", said), ["info"], "one line says why")

        first = property_of(machine, "InvocationID")
        machine.run("systemctl", "reload", "portpool.service")
        equal((property_of(machine, "InvocationID"), property_of(machine, "MainPID")), (first, pid), "a reload is no restart")
        metrics(machine)

        set_options(machine, "--web.listen-address=127.0.0.1:10197")
        install(machine, newer_package())
        equal(property_of(machine, "ActiveState"), "active", "after the upgrade")
        require(property_of(machine, "InvocationID") != first, "the upgrade restarts")
        metrics(machine, 10197)

        machine.run("dpkg", "--remove", "portpool")
        require(property_of(machine, "ActiveState") != "active", "removing stops it")
        machine.run("dpkg", "--purge", "portpool")
        equal(left_over(machine), before, "left over")
        equal(machine.try_run("systemctl", "list-unit-files", "--no-legend", "portpool*")[1].strip(), "", "unit files")


def everything(machine):
    """Every file with its kind, mode, owner and size, but for logs and what dpkg and systemd note of themselves; and the settings of the network."""
    own = [f"-path {path} -prune -o" for path in ("/proc", "/sys", "/dev", "/run", "/tmp", "/var/log", "/var/lib/dpkg", "/var/cache", "/var/lib/systemd")]
    files = machine.run("sh", "-euc", f"find / -xdev {' '.join(own)} -not -path / -not -path /etc -printf '%y %m %u %g %s %p\\n' | grep -v '^d'; find / -xdev {' '.join(own)} -type d -print")
    settings = machine.run("sh", "-c", "sysctl -a 2>/dev/null | grep -E '^net\\.(ipv[46]|core)\\.(ip_|tcp_|somax)' | grep -v '^net.ipv4.tcp_mem'")
    return sorted(files.splitlines()), settings.splitlines()


if "PORTPOOL_ROOT" in os.environ:

    @check("in a fresh root, under its systemd, the package is installed, scraped, upgraded, removed and purged, and not a file or setting differs")
    def _():
        with Machine(systemd=True) as machine:
            require(machine.try_run("which", "portpool")[0] != 0, "the root has seen no Portpool")
            before = everything(machine)
            require(len(before[0]) > 3000 and len(before[1]) > 20, f"{len(before[0])} files, {len(before[1])} settings")
            install(machine, package())
            equal(property_of(machine, "ActiveState"), "active", "portpool.service")
            require("portpool_capacity_ports" in metrics(machine), "it is scraped")
            equal(everything(machine)[1], before[1], "settings while it runs")
            first = property_of(machine, "InvocationID")
            install(machine, newer_package())
            require(property_of(machine, "InvocationID") != first and property_of(machine, "ActiveState") == "active", "the upgrade restarts it")
            require("portpool_capacity_ports" in metrics(machine), "it is scraped again")
            machine.run("dpkg", "--remove", "portpool")
            require(machine.path("/etc/default/portpool").exists(), "removing keeps the defaults")
            machine.run("dpkg", "--purge", "portpool")
            machine.run("rm", "-f", "/tmp/portpool.deb")
            after = everything(machine)
            equal(sorted(set(after[0]) ^ set(before[0])), [], "files that differ")
            equal(after[1], before[1], "settings")


@check("systemd restarts an exporter that no longer sends its watchdog's signal")
def _():
    with Machine(systemd=True) as machine:
        machine.path("/etc/systemd/system/portpool.service.d").mkdir()
        machine.path("/etc/systemd/system/portpool.service.d/fast.conf").write_text("[Service]\nWatchdogSec=2s\nRestartSec=100ms\nTimeoutAbortSec=1s\n")
        install(machine, package())
        time.sleep(5)
        equal(property_of(machine, "NRestarts"), "0", "a healthy exporter keeps running")
        machine.run("kill", "-STOP", property_of(machine, "MainPID"))
        deadline = time.monotonic() + 20
        while property_of(machine, "NRestarts") == "0" and time.monotonic() < deadline:
            time.sleep(0.5)
        require(property_of(machine, "NRestarts") != "0", "not restarted within 20 s")
        time.sleep(1)
        metrics(machine)


@check("systemd holds the port while the exporter restarts, with portpool.socket and its drop-in")
def _():
    with Machine(systemd=True) as machine:
        install(machine, package())
        machine.run("install", "-D", "-m", "0644", "/usr/share/portpool/systemd/socket.conf", "/etc/systemd/system/portpool.service.d/socket.conf")
        machine.run("sh", "-euc", "systemctl daemon-reload; systemctl stop portpool; systemctl enable --quiet --now portpool.socket portpool.service")
        metrics(machine)
        machine.run("systemctl", "stop", "portpool.service")
        equal(property_of(machine, "ActiveState", "portpool.socket"), "active", "the socket while the service is stopped")
        metrics(machine)  # the connection itself starts the service
        equal(property_of(machine, "ActiveState"), "active", "portpool.service")


@check("the timer writes the metrics for node_exporter's textfile collector, as root without capabilities")
def _():
    with Machine(systemd=True) as machine:
        install(machine, package())
        machine.run("mkdir", "-p", "/var/lib/prometheus/node-exporter")
        machine.run("systemctl", "start", "portpool-textfile.timer")
        machine.run("systemctl", "start", "portpool-textfile.service")
        equal(property_of(machine, "Result", "portpool-textfile.service"), "success", "portpool-textfile.service")
        equal(machine.run("ls", "/var/lib/prometheus/node-exporter").split(), ["portpool.prom"], "files")
        equal(machine.run("stat", "--format=%a %U", "/var/lib/prometheus/node-exporter/portpool.prom").strip(), "644 root", "mode and owner")
        written = machine.path("/var/lib/prometheus/node-exporter/portpool.prom").read_text()
        said = subprocess.run([tool("promtool", "prometheus"), "check", "metrics"], input=written, text=True, capture_output=True)
        equal((said.returncode, said.stdout + said.stderr), (0, ""), "promtool check metrics")
        require("portpool_worst_tuple_headroom_ports{" in written, "our metrics are in it")


@check("the package changes no setting of the host; its example keeps the exporter's port out of a widened pool")
def _():
    with Machine(systemd=False) as machine:
        machine.run("sh", "-euc", "echo 1024 65535 >/proc/sys/net/ipv4/ip_local_port_range; echo 8080 >/proc/sys/net/ipv4/ip_local_reserved_ports")
        install(machine, package())
        machine.run("sysctl", "--quiet", "--system")
        equal(machine.run("cat", "/proc/sys/net/ipv4/ip_local_reserved_ports").strip(), "8080", "reserved by others")
        machine.run("sysctl", "--quiet", "--load", "/usr/share/portpool/sysctl/10-portpool.conf")
        equal(machine.run("cat", "/proc/sys/net/ipv4/ip_local_reserved_ports").strip(), "10097", "reserved")


def use_dropins(machine, *names):
    for name in names:
        machine.run("install", "-D", "-m", "0644", f"/usr/share/portpool/systemd/{name}", f"/etc/systemd/system/portpool.service.d/{name}")
    machine.run("sh", "-euc", "systemctl daemon-reload; systemctl restart portpool")


def capabilities(machine):
    """Those of the exporter, which runs as a user of its own."""
    status = machine.run("cat", f"/proc/{property_of(machine, 'MainPID')}/status")
    require(int(re.search(r"^Uid:\t(\d+)", status, re.M)[1]) >= 61184, "a user of its own")
    return int(re.search(r"^CapEff:\t(\w+)$", status, re.M)[1], 16)


def wait_for(machine, line):
    """Scrapes until a line of the metrics is as `line` says, and gives them all."""
    deadline = time.monotonic() + 20
    while not re.search(line, served := metrics(machine), re.M) and time.monotonic() < deadline:
        time.sleep(0.2)
    require(re.search(line, served, re.M), served)
    return served


@check("with owners.conf the exporter names the unit that holds ports of the pool, without a right")
def _():
    with Machine(systemd=True) as machine:
        install(machine, package())
        program = "import socket, time; held = [socket.create_server(('127.0.0.1', 40000 + i)) for i in range(7)]; time.sleep(600)"
        machine.run("systemd-run", "--quiet", "--unit=holder", "python3", "-c", program)
        use_dropins(machine, "owners.conf")
        served = wait_for(machine, r'^portpool_owner_used_ports\{netns="host",owner="holder.service"\} 7$')
        require(re.search(r'^portpool_scrape_collector_success\{collector="owners"\} 1$', served, re.M), "the collector of owners succeeds")
        equal(capabilities(machine), 0, "capabilities")


@check("with namespaces.conf the exporter sees the pool of another namespace, and still runs as a user of its own")
def _():
    with Machine(systemd=True) as machine:
        install(machine, package())
        machine.run("ip", "netns", "add", "blue")
        machine.run("ip", "netns", "exec", "blue", "sh", "-euc", "echo 50000 50099 >/proc/sys/net/ipv4/ip_local_port_range")
        set_options(machine, "--namespaces.walk-share=0")
        use_dropins(machine, "namespaces.conf", "owners.conf")
        served = metrics(machine)
        require(re.search(r'^portpool_capacity_ports\{netns="blue",protocol="tcp"\} 100$', served, re.M), served)
        for collector in ("namespaces", "owners"):
            require(re.search(rf'^portpool_scrape_collector_success\{{collector="{collector}"\}} 1$', served, re.M), f"{collector} succeeds")
        equal(capabilities(machine), 1 << 21 | 1 << 19 | 1 << 2, "capabilities")


@check("with snat.conf the exporter counts translated ports, without a right")
def _():
    with Machine(systemd=True) as machine:
        install(machine, package())
        rules = "table ip nat { chain post { type nat hook postrouting priority srcnat; tcp dport 8080 snat to 127.0.0.1:40000-40009; }; }"
        machine.run("nft", rules)
        program = "import socket, time; s = socket.create_server(('127.0.0.1', 8080)); held = [socket.create_connection(('127.0.0.1', 8080)) for _ in range(6)]; time.sleep(600)"
        machine.run("systemd-run", "--quiet", "--unit=clients", "python3", "-c", program)
        set_options(machine, "--snat-range=127.0.0.1=40000-40009")
        use_dropins(machine, "snat.conf")
        wait_for(machine, r'^portpool_snat_worst_tuple_used_ports\{netns="host",protocol="tcp",family="ipv4"\} 6$')
        served = metrics(machine)
        require(re.search(r'^portpool_scrape_collector_success\{collector="snat"\} 1$', served, re.M), "the collector of translated ports succeeds")
        equal(capabilities(machine), 0, "capabilities")


for dropin, does, line in (
    ("kernel.conf", "counts in the kernel", r'^portpool_source_info\{.*source="bpf".*\} 1$'),
    ("refusals.conf", "counts refused ports", r'^portpool_refused_total\{netns="host",kind="connect"\} 0$'),
):

    @check(f"with {dropin} the exporter {does}, and keeps no right")
    def _(dropin=dropin, line=line):
        with Machine(systemd=True) as machine:
            install(machine, package())
            use_dropins(machine, dropin)
            wait_for(machine, line)
            equal(capabilities(machine), 0, "capabilities")


@check("all drop-ins together: TLS files as credentials, systemd's socket, namespaces and owners")
def _():
    with Machine(systemd=True) as machine:
        install(machine, package())
        machine.run("mkdir", "/etc/portpool")
        machine.run(
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc", "-subj", "/CN=localhost"),
            *("-addext", "subjectAltName=DNS:localhost", "-keyout", "/etc/portpool/tls.key", "-out", "/etc/portpool/tls.crt"),
        )
        machine.path("/etc/portpool/web.yml").write_text("tls_server_config:\n  cert_file: tls.crt\n  key_file: tls.key\n")
        machine.run("systemctl", "stop", "portpool")
        use_dropins(machine, "namespaces.conf", "owners.conf", "socket.conf", "web-config.conf")
        served = machine.run("curl", "--silent", "--fail", "--max-time", "10", "--cacert", "/etc/portpool/tls.crt", "https://localhost:10097/metrics")
        for collector in ("namespaces", "owners"):
            require(re.search(rf'^portpool_scrape_collector_success\{{collector="{collector}"\}} 1$', served, re.M), f"{collector} succeeds")
        equal(property_of(machine, "ActiveState", "portpool.socket"), "active", "portpool.socket")
