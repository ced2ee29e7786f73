"""Trees of /proc as no kernel writes them, made from one that a kernel might have written by a seeded generator: what fails can be had again."""
import os
import pathlib
import random
import re
import shutil

import support

# `make hostile` sets it: the same attacks for minutes instead of seconds.
SCALE = int(os.environ.get("PORTPOOL_HOSTILE_SCALE", "1"))
SEED = int(os.environ.get("PORTPOOL_HOSTILE_SEED", "1"))
FIXTURES = pathlib.Path(__file__).parent.parent / "Fixtures"

# Where fixed widths end, on both sides, and what is no number of any.
ODD_NUMBERS = [b"0", b"1", b"-1", b"32767", b"65535", b"65536", b"2147483647", b"2147483648", b"4294967295", b"4294967296",
               b"9223372036854775807", b"9223372036854775808", b"-9223372036854775808", b"18446744073709551615", b"18446744073709551616",
               b"9" * 40, b"", b"0x10", b"1e9", b"NaN", b"\xd9\xa3"]
ODD_HEXADECIMAL = [b"0", b"00000000", b"FFFFFFFF", b"7FFFFFFF", b"80000000", b"FFFF", b"FFFFFFFFFFFFFFFF", b"F" * 32, b"", b"G"]
# What a terminal, a page or a log would take for an order.
ODD_TEXT = [b"\x1b]0;owned\x07", b"\x1b[31m", b"\xc2\x9b31m", "\u202e".encode(), "a\u0301".encode() * 50, b"\xff\xfe", b"\0", b"\n", b"\r", b"\t",
            b"<script>", b'"', b"\\", b"'", b"$(id)", b"../../", b"%s%n"]


def sick_host():
    """A host on which everything is wrong, as path and content; a link is a text that starts with "-> "."""
    tree = {}
    for folder in (FIXTURES / "proc" / "busy", FIXTURES / "inspect" / "sick"):
        for path in folder.rglob("*"):
            name = str(path.relative_to(folder))
            if path.is_symlink():
                tree[name] = b"-> " + os.readlink(path).encode()
            elif path.is_file() and path.stat().st_size:
                # Twenty lines are as good as a thousand, and faster.
                tree[name] = b"".join(path.read_bytes().splitlines(keepends=True)[:20])
    tree["sys/net/ipv4/ip_nonlocal_bind"] = b"0\n"
    tree["sys/net/ipv6/bindv6only"] = b"0\n"
    tree["net/sockstat6"] = b"TCP6: inuse 3\nUDP6: inuse 2\nUDPLITE6: inuse 0\nRAW6: inuse 0\nFRAG6: inuse 0 memory 0\n"
    # With a mount of /proc, tables are read below the reading thread.
    for name in [name for name in tree if name.startswith("net/")]:
        tree["self/" + name] = tree["thread-self/" + name] = tree[name]
    return tree


def replaced(content, span, by):
    return content[:span[0]] + by + content[span[1]:]


class Mutator:
    """Gives one changed tree after the other."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def number(self, content):
        places = list(re.finditer(rb"\d+", content))
        return self.put(content, self.random.choice(places).span(), ODD_NUMBERS) if places else content

    def hexadecimal(self, content):
        places = list(re.finditer(rb"\b[0-9A-F]{2,}\b", content))
        return self.put(content, self.random.choice(places).span(), ODD_HEXADECIMAL) if places else content

    def text(self, content):
        place = self.random.randint(0, len(content))
        return self.put(content, (place, place), ODD_TEXT)

    def put(self, content, span, choices):
        return replaced(content, span, self.random.choice(choices))

    def cut(self, content):
        return content[:self.random.randint(0, len(content))]

    def lines(self, content):
        lines = content.splitlines(keepends=True)
        if not lines:
            return b"\n"
        place = self.random.randrange(len(lines))
        return b"".join(self.random.choice([
            lambda: lines[:place] + lines[place + 1:],
            lambda: lines[:place] + [lines[place]] * self.random.choice([2, 300]) + lines[place + 1:],
            lambda: self.random.sample(lines, len(lines)),
            lambda: [lines[place].rstrip(b"\n") * 400],
        ])())

    def noise(self, content):
        return self.random.randbytes(self.random.choice([1, 80, 5000]))

    def tree(self, original):
        """A copy with one to four changed files. `None` is a file that is missing, and a number a node that is none."""
        tree = dict(original)
        for name in self.random.sample(sorted(tree), self.random.choice([1, 1, 2, 4])):
            # As the same file is read under three names, so it is changed.
            names = [other for other in tree if other.split("/", 1)[-1] == name.split("/", 1)[-1] or other.endswith("/" + name)]
            change = self.random.choice(
                [self.number] * 6 + [self.hexadecimal] * 3 + [self.text] * 3 + [self.cut] * 2 + [self.lines] * 2 + [self.noise]
                + [lambda _: None, lambda _: "folder", lambda _: "fifo", lambda _: b"-> " + name.encode()])
            content = tree[name]
            if content is None or isinstance(content, str):
                continue
            changed = change(content)
            for other in {name, *names}:
                tree[other] = changed
        return tree


def write(tree, root):
    """Writes the tree where one was before. A content never changes under a reader: the file is another one."""
    shutil.rmtree(root, ignore_errors=True)
    for name, content in tree.items():
        if content is None:
            continue
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if content == "folder":
            path.mkdir()
        elif content == "fifo":
            os.mkfifo(path)
        elif content.startswith(b"-> ") and b"\0" not in content:
            os.symlink(content[3:4000].replace(b"-> ", b"") or b".", path)
        else:
            path.write_bytes(content)


# C0 but for tab and line feed, DEL, C1, and what turns the direction of writing.
FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def check_output(said, place):
    """Nothing that a terminal takes for an order, and nothing that is not text."""
    text = said.decode()
    if found := FORBIDDEN.search(text):
        raise AssertionError(f"{place}: {found[0]!r} in {text[max(0, found.start() - 60):found.end() + 60]!r}")
    for word in ("Fatal error", "Sanitizer", "portpool crashed"):
        if word in text:
            raise AssertionError(f"{place}: {text[-3000:]}")
