"""A reader of metrics of our own. promtool passes repeated series and families that are torn apart; this does not."""
import re

SAMPLE = re.compile(r'([a-zA-Z_:][a-zA-Z0-9_:]*)(\{.*\})? (\S+)')
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\\\|\\"|\\n)*)"')
SUFFIXES = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count"), "gauge": ("",), "info": ("_info",)}


class Broken(Exception):
    """Metrics that a scraper may take but that are not as they should be."""


def read(text, openmetrics):
    """Families in order, as (name, type, {(sample name, labels): value}); raises Broken."""
    if not text.endswith("\n"):
        raise Broken("the last line has no line feed")
    lines = text[:-1].split("\n")
    if openmetrics and lines.pop() != "# EOF":
        raise Broken("the last line is not # EOF")
    families, seen = [], {}
    for number, line in enumerate(lines, 1):
        if line.startswith("# HELP "):
            name = line.split(" ", 3)[2]
            if any(name == family[0] for family in families):
                raise Broken(f"{number}: family {name} comes a second time")
            if families and families[-1][0] > name:
                raise Broken(f"{number}: {name} is not sorted behind {families[-1][0]}")
            families.append([name, None, {}])
        elif line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            if not families or families[-1][0] != name or families[-1][1] is not None:
                raise Broken(f"{number}: TYPE of {name} has no HELP before it")
            families[-1][1] = kind
        elif line.startswith("# UNIT "):
            _, _, name, unit = line.split(" ")
            if not openmetrics or families[-1][0] != name or not name.endswith("_" + unit):
                raise Broken(f"{number}: UNIT {unit} of {name}")
        elif match := SAMPLE.fullmatch(line):
            name, labels, value = match.groups()
            key = (name, labels_of(labels, number))
            if key in seen:
                raise Broken(f"{number}: series {line} stands in line {seen[key]} already")
            seen[key] = number
            family, kind, samples = families[-1]
            suffixes = ("",) if kind == "counter" and not openmetrics else SUFFIXES.get(kind, ("",))
            if name not in [family + suffix for suffix in suffixes]:
                raise Broken(f"{number}: {name} is no sample of the {kind} {family}")
            samples[key] = float(value)
        else:
            raise Broken(f"{number}: {line!r} is neither a comment nor a sample")
    for name, kind, samples in families:
        if kind is None or not samples:
            raise Broken(f"family {name} has no {'type' if kind is None else 'sample'}")
    return families


def labels_of(text, number):
    if text is None:
        return ()
    labels, rest = [], text[1:-1]
    while rest:
        match = LABEL.match(rest)
        if not match:
            raise Broken(f"{number}: labels {text}")
        labels.append(match.groups())
        rest = rest[match.end():].removeprefix(",") if rest[match.end():] != "," else "!"
    if len({name for name, _ in labels}) != len(labels):
        raise Broken(f"{number}: a label stands twice in {text}")
    return tuple(sorted(labels))


def series(text, openmetrics=False):
    """All samples, as {(name, labels): value}."""
    return {key: value for _, _, samples in read(text, openmetrics) for key, value in samples.items()}


def value(text, name, **labels):
    """The one sample of a name that has these labels among its own."""
    found = [v for (n, own), v in series(text).items() if n == name and set(labels.items()) <= set(own)]
    if len(found) != 1:
        raise Broken(f"{len(found)} samples of {name} {labels}")
    return found[0]
