"""Man pages made from the built program's own description of itself."""

import functools
import json
import subprocess

from harness import DEPLOY, binary, check, equal, require, run, scratch, tool


@functools.cache
def pages():
    folder = scratch()
    run(DEPLOY / "man" / "generate", binary(), folder)
    return sorted(folder.glob("*.1"))


@functools.cache
def described():
    text = subprocess.run([binary(), "--experimental-dump-help"], check=True, capture_output=True, text=True).stdout
    return json.loads(text)["command"]


def commands():
    return [c for c in described().get("subcommands", []) if c.get("shouldDisplay", True) and c["commandName"] != "help"]


@check("there is a man page for portpool and for each of its commands")
def _():
    equal({page.stem for page in pages()}, {"portpool"} | {f"portpool-{c['commandName']}" for c in commands()}, "pages")


@check("mandoc finds nothing to say about the man pages")
def _():
    for page in pages():
        said = run(tool("mandoc", "mandoc"), "-T", "lint", page, ok=False).splitlines()
        # The pages are not installed where mandoc looks them up.
        said = [line for line in said if "referenced manual not found" not in line and "mandoc.db" not in line]
        equal(said, [], page.name)


@check("every option of the program is in its man page, as it is typed")
def _():
    for command in [described(), *commands()]:
        name = "portpool" if command is described() else f"portpool-{command['commandName']}"
        (page,) = [page for page in pages() if page.stem == name]
        shown = subprocess.run(["mandoc", "-T", "ascii", page], capture_output=True, text=True, check=True).stdout
        plain = subprocess.run(["col", "-b"], input=shown, capture_output=True, text=True, check=True).stdout
        for argument in command.get("arguments", []):
            for option in argument.get("names", []) if argument.get("shouldDisplay", True) else []:
                typed = ("--" if option["kind"] == "long" else "-") + option["name"]
                require(typed in plain, f"{name}: {typed}")
