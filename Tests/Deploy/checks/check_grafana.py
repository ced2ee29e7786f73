"""Dashboards: made from their source, and by the rules that reviewers of dashboards look for."""

import json
import re
import tempfile

import yaml
from harness import DEPLOY, GRAFANA, ROOT, check, equal, require, run, tool

DASHBOARDS = {path.stem: json.loads(path.read_text()) for path in sorted((GRAFANA / "dashboards").glob("*.json"))}
SELECTOR = re.compile(r"([a-zA-Z_:][a-zA-Z0-9_:]*)\{([^}]*)\}")
DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}


def panels(dashboard):
    return [one for top in dashboard["panels"] for one in (top, *top.get("panels", [])) if one["type"] != "row"]


def expressions(dashboard):
    return [(panel["title"], target["expr"]) for panel in panels(dashboard) for target in panel["targets"]]


def with_values(expression):
    """The query as Grafana sends it with All chosen."""
    expression = expression.replace("$cluster", ".*")
    for name in ("job", "instance", "netns"):
        expression = expression.replace(f"${name}", ".+")
    return expression.replace("$__rate_interval", "2m")


@check("the dashboards are what grafana/generate makes")
def _():
    run(GRAFANA / "generate", "--check")


for name, dashboard in DASHBOARDS.items():

    @check(f"{name}: a fixed uid, schema 39, not editable, no inputs")
    def _(dashboard=dashboard, name=name):
        equal(dashboard["uid"], name, "uid")
        equal(dashboard["schemaVersion"], 39, "schemaVersion")
        equal(dashboard["editable"], False, "editable")
        require("__inputs" not in dashboard and "id" not in dashboard, "nothing of an export is left")

    @check(f"{name}: variables for data source, job and instance as Grafana's own dashboards have them")
    def _(dashboard=dashboard):
        variables = {v["name"]: v for v in dashboard["templating"]["list"]}
        source = variables.pop("datasource")
        equal((source["type"], source["query"], source["label"]), ("datasource", "prometheus", "Data source"), "datasource")
        require({"cluster", "job", "instance"} <= set(variables), f"variables {sorted(variables)}")
        if "netns" in variables:
            # The dashboard of a host begins with one host, and has no All.
            instance = variables.pop("instance")
            equal((instance["multi"], instance["includeAll"], instance["current"], instance["datasource"]), (True, False, {}, DATASOURCE), "instance")
        # A series without the label belongs to All.
        equal(variables["cluster"].pop("allValue"), ".*", "All of cluster")
        variables["cluster"]["allValue"] = ".+"
        for variable in variables.values():
            found = {key: variable[key] for key in ("type", "multi", "includeAll", "allValue", "refresh", "datasource")}
            expected = {"type": "query", "multi": True, "includeAll": True, "allValue": ".+", "refresh": 2, "datasource": DATASOURCE}
            equal(found, expected, variable["name"])
            require(variable["definition"] == variable["query"]["query"], f"{variable['name']}: definition and query agree")

    @check(f"{name}: every panel has a title, a description, a unit, targets and the data source of the variable")
    def _(dashboard=dashboard):
        titles = [panel["title"] for panel in panels(dashboard)]
        equal(len(titles), len(set(titles)), "distinct titles")
        for panel in panels(dashboard):
            require(panel["title"] and panel["description"].endswith("."), f"{panel['title']}: description")
            require(panel["fieldConfig"]["defaults"].get("unit"), f"{panel['title']}: unit")
            require(panel["targets"], f"{panel['title']}: targets")
            equal(panel["datasource"], DATASOURCE, panel["title"])
            for target in panel["targets"]:
                equal(target["datasource"], DATASOURCE, panel["title"])
            equal([t["refId"] for t in panel["targets"]], list("ABCDEFGH"[: len(panel["targets"])]), panel["title"])

    @check(f"{name}: every selector carries job and instance, and counters are rated over $__rate_interval")
    def _(dashboard=dashboard):
        for title, expression in expressions(dashboard):
            selectors = SELECTOR.findall(expression)
            require(selectors, f"{title}: no selector in {expression}")
            for metric, matchers in selectors:
                for label in ("cluster", "job", "instance"):
                    require(f'{label}=~"${label}"' in matchers, f"{title}: {metric}{{{matchers}}}")
            bare = re.findall(r"(?<![\w:])(portpool_\w+|process_\w+|scrape_\w+|up|\w+:\w+:\w+)(?![\w:{])", expression)
            require(not bare, f"{title}: {bare} without selector")
            for counter in re.findall(r"\w+_total\{", expression):
                require(re.search(rf"(rate|increase)\({re.escape(counter)}[^}}]*\}}\[\$__rate_interval\]\)", expression), f"{title}: {counter}")

    @check(f"{name}: promtool parses every query")
    def _(dashboard=dashboard):
        rules = [{"record": f"q:q{i}:q", "expr": with_values(e)} for i, (_, e) in enumerate(expressions(dashboard))]
        with tempfile.NamedTemporaryFile("w", suffix=".yml") as file:
            yaml.safe_dump({"groups": [{"name": "queries", "rules": rules}]}, file)
            file.flush()
            run(tool("promtool", "prometheus"), "check", "rules", file.name)

    @check(f"{name}: panels fill rows of 24 columns and do not overlap")
    def _(dashboard=dashboard):
        for layer in (dashboard["panels"], *(panel["panels"] for panel in dashboard["panels"] if panel.get("panels"))):
            taken = {}
            for panel in layer:
                position = panel["gridPos"]
                require(position["x"] + position["w"] <= 24, f"{panel['title']} is too wide")
                for cell in ((x, y) for x in range(position["x"], position["x"] + position["w"]) for y in range(position["y"], position["y"] + position["h"])):
                    require(cell not in taken, f"{panel['title']} lies over {taken.get(cell)}")
                    taken[cell] = panel["title"]
        every = [one["id"] for panel in dashboard["panels"] for one in (panel, *panel.get("panels", []))]
        equal(len(set(every)), len(every), "distinct ids")

    @check(f"{name}: a row is collapsed if and only if it has its panels within, and a collector that is on by default is in none")
    def _(dashboard=dashboard, name=name):
        rows = [panel for panel in dashboard["panels"] if panel["type"] == "row"]
        for row in rows:
            equal(bool(row["panels"]), row["collapsed"], row["title"])
        collapsed = {row["title"] for row in rows if row["collapsed"]}
        equal(collapsed, {"Between scrapes", "Refused ports", "Translated connections", "Namespaces", "Owners"} if name == "portpool-host" else set(), "collapsed rows")

    @check(f"{name}: a share has the colours of its level, in one scale, and blue is none of them")
    def _(dashboard=dashboard):
        require("blue" not in json.dumps(dashboard), "blue")
        for panel in panels(dashboard):
            defaults = panel["fieldConfig"]["defaults"]
            for steps in [defaults["thresholds"]["steps"]] + [p["value"]["steps"] for o in panel["fieldConfig"]["overrides"] for p in o["properties"] if p["id"] == "thresholds"]:
                require({step["color"] for step in steps} <= {"green", "orange", "red", "text"}, f"{panel['title']}: {steps}")
            if panel["type"] == "timeseries" and len(defaults["thresholds"]["steps"]) > 1:
                equal(defaults["color"]["mode"], "thresholds", panel["title"])

    @check(f"{name}: alerts are marked in every graph, and listed with a link to the runbook of each")
    def _(dashboard=dashboard):
        for mark in dashboard["annotations"]["list"]:
            require('alertname=~"PortPool.+"' in mark["expr"] and 'cluster=~"$cluster"' in mark["expr"], mark["expr"])
        equal({mark["expr"].rsplit('severity="', 1)[1] for mark in dashboard["annotations"]["list"]}, {'critical"}', 'warning"}'}, "severities")
        (listed,) = [panel for panel in panels(dashboard) if panel["targets"][0]["expr"].startswith("ALERTS{")]
        (link,) = [link for o in listed["fieldConfig"]["overrides"] for p in o["properties"] if p["id"] == "links" for link in p["value"]]
        alerts = yaml.safe_load((DEPLOY / "prometheus/rules/portpool-alerts.yml").read_text())["groups"][0]["rules"]
        equal(link["url"].replace("${__value.raw}", alerts[0]["alert"]), alerts[0]["annotations"]["runbook_url"], "runbook")

    @check(f"{name}: links lead to a dashboard that exists")
    def _(dashboard=dashboard):
        for uid in re.findall(r'/d/([a-z-]+)', json.dumps(dashboard)):
            require(uid in DASHBOARDS, uid)


@check("every recorded series of a dashboard is recorded by the shipped rules")
def _():
    recorded = {
        rule["record"]
        for group in yaml.safe_load((DEPLOY / "prometheus/rules/portpool-records.yml").read_text())["groups"]
        for rule in group["rules"]
    }
    for name, dashboard in DASHBOARDS.items():
        for title, expression in expressions(dashboard):
            for metric in re.findall(r"\w+:\w+:\w+", expression):
                require(metric in recorded, f"{name}, {title}: {metric}")


@check("rules, dashboards, runbooks and documents name only metrics that the exporter has")
def _():
    # A unit test holds the table of the document against the exporter's catalogue.
    document = (ROOT / "docs/metrics.md").read_text()
    table = document[document.index("<!-- metrics") : document.index("<!-- /metrics -->")]
    catalogue = {f"{name}{suffix}" for name in re.findall(r"^\| `(portpool_\w+)` \|", table, re.M) for suffix in ("", "_bucket", "_count", "_sum")}
    texts = {path: path.read_text() for path in [ROOT / "README.md", *(p for f in (DEPLOY, GRAFANA, ROOT / "docs") for p in f.rglob("*.md"))]}
    texts |= {path: path.read_text() for path in (DEPLOY / "prometheus/rules").glob("*.yml")}
    texts |= {name: "\n".join(e for _, e in expressions(dashboard)) for name, dashboard in DASHBOARDS.items()}
    named = {(str(place), metric) for place, text in texts.items() for metric in re.findall(r"(?<![\w:])portpool_[a-z]\w*(?![\w:])", text)}
    require(len(named) > 100, f"only {len(named)} names were found")
    wrong = sorted(f"{place}: {metric}" for place, metric in named if metric not in catalogue)
    require(not wrong, "; ".join(wrong))


@check("the provisioning files name folders and a data source that the compose file has")
def _():
    (provider,) = yaml.safe_load((GRAFANA / "provisioning/dashboards/portpool.yaml").read_text())["providers"]
    compose = yaml.safe_load((DEPLOY / "container/compose.yaml").read_text())["services"]
    mounts = dict(volume.rsplit(":", 2)[:2] for volume in compose["grafana"]["volumes"] if volume.endswith(":ro"))
    require(provider["options"]["path"] in mounts.values(), f"{provider['options']['path']} is not mounted")
    for source in mounts:
        require((DEPLOY / "container" / source).resolve().is_dir(), f"{source} is not a folder")
    (source,) = yaml.safe_load((GRAFANA / "provisioning/datasources/prometheus.yaml").read_text())["datasources"]
    require(source["url"].split("//")[1].split(":")[0] in compose, f"{source['url']} is no service")
