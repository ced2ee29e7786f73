"""Rules, their unit tests, scrape configurations, the Alertmanager example and the runbooks."""

import json
import re
import tempfile

import _gojsonnet
import yaml
from harness import DEPLOY, GRAFANA, ROOT, TESTS, check, equal, require, run, tool

PROMETHEUS = DEPLOY / "prometheus"
ALERT_FILE = PROMETHEUS / "rules" / "portpool-alerts.yml"
RECORD_FILE = PROMETHEUS / "rules" / "portpool-records.yml"
RUNBOOKS = DEPLOY / "runbooks"


def rules(path):
    return [rule for group in yaml.safe_load(path.read_text())["groups"] for rule in group["rules"]]


ALERTS = rules(ALERT_FILE)
RECORDS = rules(RECORD_FILE)
UNIT_TESTS = sorted((TESTS / "alerts").glob("*.yml")) + sorted((TESTS / "records").glob("*.yml"))


@check("promtool finds nothing to say about the rules")
def _():
    run(tool("promtool", "prometheus"), "check", "rules", "--lint=all", "--lint-fatal", ALERT_FILE, RECORD_FILE)


for file in UNIT_TESTS:

    @check(f"promtool unit tests of {file.stem} pass")
    def _(file=file):
        run(tool("promtool", "prometheus"), "test", "rules", file)


for alert in ALERTS:
    name = alert["alert"]

    @check(f"{name} follows the conventions for alerts")
    def _(alert=alert, name=name):
        require(re.fullmatch(r"PortPool([A-Z][a-z]+|UDP)+", name), "the name is CamelCase with the prefix PortPool")
        require(re.fullmatch(r"\d+[smh]", alert.get("for", "")), "it has for:")
        require(alert["labels"]["severity"] in ("critical", "warning", "info"), f"severity is {alert['labels']['severity']}")
        annotations = alert["annotations"]
        equal(sorted(annotations), ["description", "runbook_url", "summary"], "annotations")
        require(annotations["summary"].endswith(".") and "{{" not in annotations["summary"], "the summary is a sentence without templates")
        require("$labels.instance" in annotations["description"], "the description names the instance")
        if "$value" in annotations["description"]:
            require(re.search(r"\$value \| humanize|printf \"%\.0f\" \$value", annotations["description"]), "the value is written for people")

    @check(f"{name} has unit tests that fire, that do not, and at the boundary")
    def _(name=name):
        tests = yaml.safe_load((TESTS / "alerts" / f"{name}.yml").read_text())["tests"]
        kinds = {kind: [t for t in tests if t["name"].startswith(kind)] for kind in ("firing", "not firing", "boundary")}
        for kind, found in kinds.items():
            require(found, f"no test is called {kind}")
        expected = lambda test: [a for case in test["alert_rule_test"] for a in case["exp_alerts"]]
        require(all(expected(t) for t in kinds["firing"]), "every firing test expects an alert")
        require(not any(expected(t) for t in kinds["not firing"]), "no not-firing test expects an alert")
        require(len(kinds["boundary"]) >= 2, "a boundary has two sides")
        for test in tests:
            equal([case["alertname"] for case in test["alert_rule_test"]], [name], test["name"])

    @check(f"{name} has a runbook that says what it means, how to confirm, what to do now and how to fix it")
    def _(alert=alert, name=name):
        require(alert["annotations"]["runbook_url"].endswith(f"/deploy/runbooks/{name}.md"), "runbook_url ends in the runbook's path")
        text = (RUNBOOKS / f"{name}.md").read_text()
        require(text.startswith(f"# {name}\n\n**{alert['labels']['severity']}** · "), "it starts with name and severity")
        for heading in ("What it means", "Confirm", "Do now", "Fix for good"):
            require(f"\n## {heading}\n" in text, f"it has the section {heading!r}")
        require(f"]({name}.md) | {alert['labels']['severity']} |" in (RUNBOOKS / "README.md").read_text(), "the index lists it with its severity")


@check("every runbook belongs to an alert, and all their addresses begin alike")
def _():
    names = {alert["alert"] for alert in ALERTS}
    equal({p.stem for p in RUNBOOKS.glob("*.md")} - {"README"}, names, "runbooks")
    equal({p.stem for p in (TESTS / "alerts").glob("*.yml")}, names, "unit tests")
    bases = {alert["annotations"]["runbook_url"].rsplit("/", 1)[0] for alert in ALERTS}
    require(len(bases) == 1, f"several bases: {sorted(bases)}")


@check("a prediction is always joined with a level")
def _():
    for alert in ALERTS:
        if "predict_linear" in alert["expr"]:
            require(re.search(r"> 0\.\d+\s+and\s+predict_linear", alert["expr"]), f"{alert['alert']} predicts without a level on its left")


@check("recording rules are named level:metric:operations and aggregate with without")
def _():
    for rule in RECORDS:
        require(re.fullmatch(r"(instance|job(_\w+)?):(portpool|up)\w*:\w+", rule["record"]), rule["record"])
        require(" by " not in rule["expr"] and re.search(r"\bwithout \(", rule["expr"]), f"{rule['record']} aggregates without `without`")


@check("the recording rules cost three series an instance, as their file says")
def _():
    per_instance = [rule["record"] for rule in RECORDS if rule["record"].startswith("instance:")]
    require("three series an instance" in RECORD_FILE.read_text() and len(per_instance) == 3, f"{per_instance}")
    per_job = [rule["record"] for rule in RECORDS if rule["record"].startswith("job:")]
    require(f"per job {len(per_job)} series" in RECORD_FILE.read_text().replace("\n#", ""), f"{len(per_job)} series a job")


def check_config(path):
    run(tool("promtool", "prometheus"), "check", "config", "--lint=all", "--lint-fatal", path)


for name in ("static", "file-sd", "pushgateway"):

    @check(f"promtool accepts scrape-{name}.yml with both rule files")
    def _(name=name):
        config = PROMETHEUS / f"scrape-{name}.yml"
        check_config(config)
        equal(yaml.safe_load(config.read_text())["rule_files"], ["rules/portpool-alerts.yml", "rules/portpool-records.yml"], "rule files")


@check("promtool accepts scrape-kubernetes.yml (all but the discovery, which Debian's promtool is built without)")
def _():
    config = yaml.safe_load((PROMETHEUS / "scrape-kubernetes.yml").read_text())
    (job,) = config["scrape_configs"]
    discovery = job.pop("kubernetes_sd_configs")
    equal(
        discovery,
        [
            {
                "role": "pod",
                "namespaces": {"names": ["portpool"]},
                "selectors": [{"role": "pod", "label": "app.kubernetes.io/name=portpool"}],
            }
        ],
        "discovery",
    )
    config["rule_files"] = [str(PROMETHEUS / path) for path in config["rule_files"]]
    with tempfile.NamedTemporaryFile("w", suffix=".yml") as file:
        yaml.safe_dump(config, file)
        file.flush()
        check_config(file.name)


@check("the Pushgateway job keeps the labels that were pushed")
def _():
    (job,) = yaml.safe_load((PROMETHEUS / "scrape-pushgateway.yml").read_text())["scrape_configs"]
    require(job.get("honor_labels") is True, "honor_labels: true")


@check("amtool accepts the Alertmanager example, and every severity reaches its receiver")
def _():
    config = PROMETHEUS / "alertmanager.yml"
    amtool = tool("amtool", "prometheus-alertmanager")
    run(amtool, "check-config", config)
    for severity, receiver in {"critical": "pager", "warning": "default", "info": "report"}.items():
        run(amtool, "config", "routes", "test", f"--config.file={config}", f"--verify.receivers={receiver}", f"severity={severity}")


@check("one cause pages once: what PortPoolTupleNearlyExhausted explains, it inhibits, and only for the same pool")
def _():
    (rule,) = yaml.safe_load((PROMETHEUS / "alertmanager.yml").read_text())["inhibit_rules"]
    equal(rule["source_matchers"], ["alertname = PortPoolTupleNearlyExhausted"], "source")
    inhibited = set(re.findall(r"PortPool\w+", rule["target_matchers"][0]))
    equal(inhibited, {"PortPoolTupleHalfUsed", "PortPoolFillingUp", "PortPoolBindPressure"}, "targets")
    severity = {alert["alert"]: alert["labels"]["severity"] for alert in ALERTS}
    require(all(severity[name] == "warning" for name in inhibited), "no critical alert is inhibited")
    equal(rule["equal"], ["job", "instance", "netns", "family"], "labels that must be equal")


@check("alerts that inhibit and are inhibited exist")
def _():
    names = {alert["alert"] for alert in ALERTS}
    for rule in yaml.safe_load((PROMETHEUS / "alertmanager.yml").read_text())["inhibit_rules"]:
        for matcher in rule["source_matchers"] + rule["target_matchers"]:
            for name in re.findall(r"PortPool\w+", matcher):
                require(name in names, f"{name} is not an alert")


@check("the mixin is the rules and the dashboards")
def _():
    snippet = "local mixin = import 'mixin.libsonnet'; [mixin.prometheusAlerts, mixin.prometheusRules, mixin.grafanaDashboards]"
    alerts, records, dashboards = json.loads(_gojsonnet.evaluate_snippet(str(ROOT / "check.jsonnet"), snippet))
    equal((alerts, records), (yaml.safe_load(ALERT_FILE.read_text()), yaml.safe_load(RECORD_FILE.read_text())), "rules")
    equal(dashboards, {path.name: json.loads(path.read_text()) for path in (GRAFANA / "dashboards").glob("*.json")}, "dashboards")
