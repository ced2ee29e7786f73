"""What a release consists of: packed twice with the same result, and each part taken as its users take it."""

import functools
import json
import re
import tarfile

import yaml
from harness import DEPLOY, ROOT, binary, check, equal, require, run, scratch, tool
from machine import Machine


@functools.cache
def release():
    folder = scratch()
    run(DEPLOY / "release", binary(), folder)
    return folder


def the(pattern):
    (path,) = release().glob(pattern)
    return path


@check("a release packed again is the same, byte for byte, and its sums are right")
def _():
    again = scratch()
    run(DEPLOY / "release", binary(), again)
    equal((again / "SHA256SUMS").read_text(), (release() / "SHA256SUMS").read_text(), "sums")
    run("sha256sum", "--check", "--strict", "SHA256SUMS", cwd=release())
    listed = {line.split()[1] for line in (release() / "SHA256SUMS").read_text().splitlines()}
    equal(listed, {path.name for path in release().iterdir()} - {"SHA256SUMS"}, "every file has a sum")


@check("the archive unpacks to a program that runs, and to nothing outside its folder")
def _():
    folder = scratch()
    with tarfile.open(the("*.tar.gz")) as archive:
        names = archive.getnames()
        archive.extractall(folder, filter="data")
    top = the("*.tar.gz").name.removesuffix(".tar.gz")
    require(all(name == top or name.startswith(top + "/") for name in names), "one folder")
    require("portpool" in run(folder / top / "bin/portpool", "--version"), "it runs")
    unit = (folder / top / "lib/systemd/system/portpool.service").read_text()
    require("ExecStart=/usr/local/bin/portpool serve" in unit, "the unit names the program where the archive is unpacked")
    require((folder / top / "bin/portpool").stat().st_size < 32 << 20, "it is stripped")


@check("rpm reads the package: its files, what it needs, and what it runs")
def _():
    package = the("*.rpm")
    listed = run(tool("rpm", "rpm"), "-qpl", package).split("\n")
    for path in ("/usr/bin/portpool", "/usr/lib/systemd/system/portpool.service", "/usr/share/man/man1/portpool.1.gz",
                 "/usr/share/portpool/prometheus/rules/portpool-alerts.yml", "/usr/share/licenses/portpool/LICENSE"):
        require(path in listed, f"{path} is not in it")
    require(not [path for path in listed if "sysctl.d" in path], "it changes no setting of the host")
    equal(run("rpm", "-qpc", package).split(), ["/etc/default/portpool"], "configuration")
    needs = run("rpm", "-qp", "--requires", package)
    require("libstdc++.so.6" in needs and not re.search("libcurl|libyaml|libcrypt|libz", needs), needs)
    equal(max(int(minor) for minor in re.findall(r"\(GLIBC_2\.(\d+)", needs)), 34, "the newest glibc it asks for, as README.md says")
    require("libcurl" in run("rpm", "-qp", "--recommends", package), "libcurl is recommended")


@check("rpmlint finds no error but those of every unsigned build for no distribution")
def _():
    # Signed by whoever publishes it; Group is a tag of the past. mktemp(3) is in the static runtime, whose callers use mkstemp.
    accepted = {"no-signature", "no-group-tag", "call-to-mktemp", "binary-or-shlib-defines-rpath"}
    found = run(tool("rpmlint", "rpmlint"), the("*.rpm"), ok=False)
    require("packages" in found, found)
    equal(set(re.findall(r": E: (\S+)", found)) - accepted, set(), found)


@check("the rpm installs into an empty database, and is removed again with everything it brought")
def _():
    with Machine(systemd=False) as machine:
        machine.put(the("*.rpm"), "/tmp/portpool.rpm")
        machine.run("rpm", "--install", "--nodeps", "--dbpath", "/tmp/rpmdb", "/tmp/portpool.rpm")
        require("portpool" in machine.run("portpool", "--version"), "it runs")
        machine.run("rpm", "--erase", "--dbpath", "/tmp/rpmdb", "portpool")
        equal(machine.run("find", "/usr", "/etc", "-xdev", "-iname", "*portpool*", "-not", "-path", "*/src/*").strip(), "", "left over")


@check("the SBOM is valid SPDX and names what the program was built from and loads")
def _():
    path = the("*.spdx.json")
    run("pyspdxtools", "--infile", path)
    document = json.loads(path.read_text())
    names = {package["name"]: package for package in document["packages"]}
    pins = json.loads((ROOT / "Package.resolved").read_text())["pins"]
    for pin in pins:
        equal(names[pin["identity"]]["versionInfo"], pin["state"]["version"], pin["identity"])
    require({"portpool", "libxcrypt", "libyaml", "zlib", "libstdc++.so.6"} <= set(names), f"{list(names)}")


@check("the workflows are valid, and ask for no right that they do not name")
def _():
    workflows = sorted((ROOT / ".github/workflows").glob("*.yml"))
    run("check-jsonschema", "--builtin-schema", "vendor.github-workflows", *workflows)
    for path in workflows:
        equal(yaml.safe_load(path.read_text())["permissions"], {"contents": "read"}, path.name)


@check("every package that the program is built from has one exact version")
def _():
    versions = re.findall(r"\.package\(url: .*?, (\w+): ", (ROOT / "Package.swift").read_text())
    require(versions, "packages")
    equal(set(versions), {"exact"}, "versions")
