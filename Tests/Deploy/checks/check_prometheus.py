"""Rules, their unit tests, scrape configurations, the Alertmanager example and the runbooks."""

import contextlib
import http.server
import json
import pathlib
import re
import socket
import subprocess
import tempfile
import threading
import time
import urllib.request

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
        require("$labels.instance" in annotations["description"] or "absent(" in alert["expr"], "the description names the instance")
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


@check("an alert on a namespace says whose that is: the pod, by name where Kubernetes tells it, or the unit or container")
def _():
    info = lambda **labels: "portpool_netns_info{" + ",".join(f'{k}="{v}"' for k, v in (dict(instance="{instance}", netns="4026532177") | labels).items()) + "}"
    owners = {
        "pod shop/web-0": [info(pod_uid="b1e6", container_id="c0ffee"), 'kube_pod_info{uid="b1e6",namespace="shop",pod="web-0"}'],
        "pod b1e6": [info(pod_uid="b1e6", container_id="c0ffee")],
        "nginx.service": [info(unit="nginx.service")],
        "container c0ffee": [info(container_id="c0ffee")],
        None: [info(name="blue")],
    }
    concerned = [alert["alert"] for alert in ALERTS if "(namespace {{ $labels.netns }})" in alert["annotations"]["description"]]
    require(len(concerned) > 10, f"{concerned}")
    for name in concerned:
        document = yaml.safe_load((TESTS / "alerts" / f"{name}.yml").read_text())
        firing = next(test for test in document["tests"] if test["name"].startswith("firing"))
        tests = []
        for owner, series in owners.items():
            test = json.loads(json.dumps(firing).replace('netns=\\"host\\"', 'netns=\\"4026532177\\"').replace('"netns": "host"', '"netns": "4026532177"'))
            (alert,) = test["alert_rule_test"][0]["exp_alerts"]
            instance = alert["exp_labels"]["instance"]
            test["input_series"] += [{"series": one.replace("{instance}", instance), "values": "1x1000"} for one in series]
            said = alert["exp_annotations"]["description"].replace("(namespace host)", "(namespace 4026532177)")
            alert["exp_annotations"]["description"] = said + (f" The namespace is that of {owner}." if owner else "")
            tests.append(test | {"name": f"{name}: {owner}"})
        with tempfile.NamedTemporaryFile("w", suffix=".yml") as file:
            yaml.safe_dump(document | {"rule_files": [str(ALERT_FILE)], "tests": tests}, file)
            file.flush()
            run(tool("promtool", "prometheus"), "test", "rules", file.name)


def alert_on(name, **labels):
    """An alert as Prometheus hands it over."""
    severity = next(alert["labels"]["severity"] for alert in ALERTS if alert["alert"] == name)
    return {"labels": {"alertname": name, "severity": severity, "job": "portpool", "instance": "web-1:10097", "netns": "host"} | labels}


@contextlib.contextmanager
def alertmanager():
    """A real one with the shipped example, ten times as fast, and what each of its receivers was sent."""
    received = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            received.append((body["receiver"], sorted(f"{a['labels']['alertname']} {a['labels'].get('family', '')}".strip() for a in body["alerts"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    hook = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=hook.serve_forever, daemon=True).start()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        text = (PROMETHEUS / "alertmanager.yml").read_text().replace("group_wait: 10s", "group_wait: 1s").replace("group_interval: 1m", "group_interval: 6s")
        text = re.sub(r"(  - name: \w+\n)", rf"\1    webhook_configs: [{{url: 'http://127.0.0.1:{hook.server_port}/'}}]\n", text)
        config = pathlib.Path(folder) / "alertmanager.yml"
        config.write_text(text)
        command = [tool("prometheus-alertmanager", "prometheus-alertmanager"), f"--config.file={config}", f"--storage.path={folder}",
                   "--cluster.listen-address=", f"--web.listen-address=127.0.0.1:{port}", "--log.level=error"]
        program = subprocess.Popen(command)
        try:
            for _ in range(100):
                with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/-/ready"):
                    break
                time.sleep(0.1)

            def post(*alerts):
                headers = {"Content-Type": "application/json"}
                urllib.request.urlopen(urllib.request.Request(f"http://127.0.0.1:{port}/api/v2/alerts", json.dumps(alerts).encode(), headers)).close()

            yield post, received
        finally:
            program.terminate()
            program.wait()
            hook.shutdown()
            hook.server_close()


@check("one cause pages once, in a real Alertmanager: an exhausted tuple with all that follows from it, over both families, and a gateway that drops")
def _():
    pool = ("PortPoolTupleNearlyExhausted", "PortPoolTupleHalfUsed", "PortPoolFillingUp", "PortPoolReuseUnconfirmed")
    both = [alert_on(name, family=family) for name in (*pool, "PortPoolBindPressure") for family in ("ipv4", "ipv6")]
    elsewhere = alert_on("PortPoolBindPressure", family="ipv6", netns="blue")
    translated = dict(instance="gw-1:10097", protocol="tcp", family="ipv4")
    gateway = [alert_on("PortPoolSnatDropping", instance="gw-1:10097"), alert_on("PortPoolSnatSearchFails", **translated), alert_on("PortPoolSnatHalfUsed", **translated)]
    refused = [alert_on("PortPoolConnectsRefused", instance="web-9:10097"), *(alert_on(name, family="ipv4", instance="web-9:10097") for name in pool)]
    with alertmanager() as (post, received):
        post(*both, elsewhere, *gateway, *refused)
        time.sleep(4)
        expected = [("default", ["PortPoolBindPressure ipv6"]), ("pager", ["PortPoolConnectsRefused"]), ("pager", ["PortPoolSnatDropping"]), ("pager", ["PortPoolTupleNearlyExhausted ipv4"])]
        equal(sorted(received), expected, "what was sent; the first is of another namespace")


@check("a critical alert is inhibited by a critical one only")
def _():
    severity = {alert["alert"]: alert["labels"]["severity"] for alert in ALERTS}
    for rule in yaml.safe_load((PROMETHEUS / "alertmanager.yml").read_text())["inhibit_rules"]:
        sources, targets = ({severity[name] for name in re.findall(r"PortPool\w+", rule[side][0])} for side in ("source_matchers", "target_matchers"))
        require("critical" not in targets or sources == {"critical"} or rule["equal"][0] == "alertname", f"{rule}")
        equal(rule["equal"][-3:] if "family" not in rule["equal"] else rule["equal"][:3], ["job", "instance", "netns"], "only for the same pool")


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
