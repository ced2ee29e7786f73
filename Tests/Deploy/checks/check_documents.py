"""What the documents say: links that lead somewhere, targets and addresses that exist, pictures that are light."""

import re
import subprocess

from harness import DEPLOY, ROOT, check, equal, require

LISTED = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, check=True, capture_output=True, text=True)
TRACKED = LISTED.stdout.strip("\0").split("\0")
DOCUMENTS = {ROOT / name: (ROOT / name).read_text() for name in TRACKED if name.endswith(".md") and (ROOT / name).exists()}
# Whoever takes the project elsewhere changes this one, and the checks name the other places.
(HOMEPAGE,) = re.findall(r"^Homepage: (\S+)$", (DEPLOY / "debian/control").read_text(), re.M)


def anchors(text):
    """The names that headings have for links."""
    titles = re.findall(r"^#+ (.+)$", re.sub(r"^```.*?^```$", "", text, flags=re.M | re.S), re.M)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@check("every link of a document leads to a file that is there, and to a heading that it has")
def _():
    wrong, count = [], 0
    for path, text in DOCUMENTS.items():
        for target in re.findall(r"\]\(([^)\s]+)\)", re.sub(r"^```.*?^```$", "", text, flags=re.M | re.S)):
            if re.match(r"\w+:", target):
                continue
            count += 1
            name, _, anchor = target.partition("#")
            place = (path.parent / name).resolve() if name else path
            if not place.exists() or anchor and anchor not in anchors(place.read_text()):
                wrong.append(f"{path.relative_to(ROOT)}: {target}")
    require(count > 50, f"only {count} links were found")
    require(not wrong, "; ".join(wrong))


@check("every make target that a document names is one of the Makefile")
def _():
    targets = set(re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text(), re.M))
    named = {(path.name, target) for path, text in DOCUMENTS.items() for target in re.findall(r"(?:^|`|sudo )make ([a-z][a-z0-9-]*)", text, re.M)}
    require({target for _, target in named} >= {"run", "test", "check", "install", "deb"}, f"{named}")
    equal([(path, target) for path, target in sorted(named) if target not in targets], [], "unknown targets")


@check("the project has one address and one maintainer, wherever they stand")
def _():
    owner = re.fullmatch(r"https://github\.com/([\w.-]+/[\w.-]+)", HOMEPAGE)[1]
    texts = {name: (ROOT / name).read_text(errors="replace") for name in TRACKED if (ROOT / name).is_file() and not name.endswith(".png")}
    found = {(name, address) for name, text in texts.items() for address in re.findall(r"github\.com/([\w.-]+/portpool)\b", text)}
    require({name for name, _ in found} >= {"deploy/container/Dockerfile", "deploy/prometheus/rules/portpool-alerts.yml"}, f"{found}")
    equal([(name, address) for name, address in sorted(found) if address != owner], [], "other addresses")
    maintainers = re.findall(r"^(?:Maintainer: | -- )(.+?>)", texts["deploy/debian/control"] + texts["deploy/debian/changelog"], re.M)
    equal(len(set(maintainers)), 1, f"maintainers {maintainers}")


@check("docs/json.md lists the findings of doctor, and no others")
def _():
    sources = "".join(path.read_text() for path in (ROOT / "Sources/Inspector/Doctor").glob("Evidence+*.swift"))
    section = DOCUMENTS[ROOT / "docs/json.md"].partition("## `doctor --format json`")[2].partition("\n## ")[0]
    listed = [id for row in re.findall(r"^\| (`[^|]+) \|", section, re.M) for id in re.findall(r"`([a-z]+(?:-[a-z]+)+)`", row)]
    equal(sorted(listed), sorted(set(re.findall(r'"([a-z]+(?:-[a-z]+)+)"', sources))), "findings")


@check("the README is short: under 150 lines, and what it leaves out is one link away")
def _():
    text = DOCUMENTS[ROOT / "README.md"]
    require(len(text.splitlines()) < 150, f"it has {len(text.splitlines())} lines")
    linked = set(re.findall(r"\]\((docs/[\w-]+\.md)\)", text))
    equal(linked, {name for name in TRACKED if re.fullmatch(r"docs/[\w-]+\.md", name)}, "documents that it links")


@check("a picture has less than 150 kB, and a document shows it")
def _():
    pictures = [ROOT / name for name in TRACKED if name.endswith(".png")]
    require(pictures, "no picture is tracked")
    shown = {(path.parent / target).resolve() for path, text in DOCUMENTS.items() for target in re.findall(r"\]\(([^)\s]+\.png)\)", text)}
    for picture in pictures:
        require(picture.stat().st_size < 150_000, f"{picture.name}: {picture.stat().st_size} bytes")
        require(picture in shown, f"no document shows {picture.relative_to(ROOT)}")


# What docs/comparison.md calls the contenders of Benchmarks.
CONTENDERS = {
    "an inet_diag dump, thrown away": "floor: drain of inet_diag",
    "**Portpool**, netlink: one scrape": "portpool serve, netlink: one scrape",
    "**Portpool**, `/proc`: one scrape": "portpool serve, proc: one scrape",
    "**Portpool**, counted in the kernel: one scrape": "portpool serve, bpf: one scrape",
    "`cat /proc/net/tcp{,6}`": "`cat /proc/net/tcp{,6}`",
    "`ss -tan`": "`ss -tan`",
    "node_exporter `tcpstat`: one scrape": "node_exporter tcpstat: one scrape",
}


def measured(size):
    """Contender to its row of the recorded benchmark: what, wall, CPU, CPU a socket, peak memory, CPU by the floor, CPU by cat."""
    section = DOCUMENTS[ROOT / "Benchmarks/README.md"].partition(f"\n### {size} sockets of few tuples\n")[2].partition("\n### ")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if line.startswith("| ")]
    return {row[0]: row for row in rows}


@check("the costs in the comparison are those that were recorded last")
def _():
    some, many = measured("200,000"), measured("1,000,000")
    table = [f"| {name} | {some[row][5]} | {many[row][5]} | {many[row][4]} |" for name, row in CONTENDERS.items()]
    require("\n" + "\n".join(table) + "\n" in DOCUMENTS[ROOT / "docs/comparison.md"], "it should say:\n" + "\n".join(table))
