"""What the shipped files tell the program, it understands."""

import re
import subprocess

import yaml
from harness import DEPLOY, GRAFANA, ROOT, binary, check, require, run

DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md"), *GRAFANA.glob("*.md")]
FILES = DOCUMENTS + sorted(
    path for path in DEPLOY.rglob("*") if path.is_file() and path.suffix in (".conf", ".default", ".md", ".service", ".yaml", ".yml", "")
)
# Named next to ours.
OF_PROMETHEUS = {"--web.enable-remote-write-receiver"}


def help_of(*command):
    return run(binary(), *command, "--help")


@check("every command and option that units, manifests, runbooks and documents use is one of the program's")
def _():
    commands = set(re.findall(r"^  ([a-z-]+)(?: \(default\))?  +\S", help_of().partition("SUBCOMMANDS:")[2], re.M)) | {"help"}
    options = {command: set(re.findall(r"--[a-z][a-z0-9.-]+", help_of(command))) for command in commands - {"help"}}
    every = set().union(*options.values())
    wrong = []
    for file in FILES:
        text = file.read_text(errors="replace")
        used = re.findall(r"(?:^|[`\s/=])portpool (?!maintainers|exporter|deploy/)([a-z][a-z-]*)((?: +(?:--?[\w.-]+(?:[= ][^\s`-]\S*)?|[A-Z0-9]+))*)", text, re.M)
        for command, rest in used if file.suffix in (".md", ".service", ".conf") else []:
            if file.suffix == ".md" and f"portpool {command}" not in "".join(re.findall(r"```.*?```|`[^`\n]+`", text, re.S)):
                continue  # prose
            if command not in commands:
                wrong.append(f"{file.relative_to(ROOT)}: portpool {command}")
            wrong += [f"{file.relative_to(ROOT)}: {command} {o}" for o in re.findall(r"--[a-z][a-z0-9.-]+", rest) if o not in options.get(command, every)]
        for option in re.findall(r"--(?:web|collector|path|top-tuples|range|source|log|push)[a-z0-9.-]*[a-z]", text):
            if option not in every | OF_PROMETHEUS and file.parts[-2] != "man":
                wrong.append(f"{file.relative_to(ROOT)}: {option}")
    require(not wrong, "; ".join(sorted(set(wrong))))


@check("the program accepts the command lines of the units, of their drop-ins and of the manifests")
def _():
    units = [p.read_text() for p in (DEPLOY / "systemd").rglob("*") if p.is_file()]
    # What drop-ins put into the command of the unit; elsewhere in it, a variable is a value.
    words = dict(re.findall(r"^Environment=(PORTPOOL_[A-Z_]+)=(--\S+)$", "\n".join(units), re.M))
    commands = [line.split() for line in re.findall(r"^ExecStart=/usr/bin/portpool (.+)$", "\n".join(units), re.M)]
    lines = [[words[w[1:]] if w[1:] in words else re.sub(r"\$\{\w+\}", "value", w) for w in line if w != "$PORTPOOL_OPTIONS"] for line in commands]
    require({"--collector.owners", "--collector.namespaces", "--collector.snat", "--collector.refusals"} <= set(sum(lines, [])), f"{lines}")
    manifests = [yaml.safe_load(p.read_text()) for p in (DEPLOY / "kubernetes").rglob("daemonset.yaml")]
    lines += [c["args"] for m in manifests for c in m["spec"]["template"]["spec"].get("containers", []) if "args" in c]
    for line in lines:
        said = subprocess.run([binary(), *line, "--help"], capture_output=True, text=True)
        require(said.returncode == 0, f"{' '.join(line)}: {said.stderr or said.stdout}")
