"""The kubectl lines of the map of APIs make the calls that they stand beside."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from k8s_bridge.apimap.page import groups

KUBECTL = shutil.which("kubectl") or str(Path(sys.executable).with_name("kubectl"))
pytestmark = pytest.mark.skipif(not Path(KUBECTL).exists(), reason="no kubectl here")

KINDS = {
    "v1": "pods:Pod services:Service secrets:Secret configmaps:ConfigMap events:Event "
    "persistentvolumeclaims:PersistentVolumeClaim nodes:Node",
    "apps/v1": "deployments:Deployment replicasets:ReplicaSet",
    "networking.k8s.io/v1": "networkpolicies:NetworkPolicy",
    "storage.k8s.io/v1": "csidrivers:CSIDriver",
    "metrics.k8s.io/v1beta1": "pods:PodMetrics",
}
IN_NO_NAMESPACE = ("nodes", "csidrivers")
CALLS = sorted({c for g in groups() for p in g.pairs for c in p.kubernetes})


def _resources(version: str) -> dict:
    verbs = ["create", "delete", "deletecollection", "get", "list", "patch", "watch"]
    found = []
    for entry in KINDS[version].split():
        name, _, kind = entry.partition(":")
        node = {"name": name, "singularName": kind.lower(), "kind": kind}
        found.append(
            {**node, "namespaced": name not in IN_NO_NAMESPACE, "verbs": verbs}
        )
        if name == "deployments":
            scale = {"name": "deployments/scale", "singularName": "", "kind": "Scale"}
            scale |= {"group": "autoscaling", "version": "v1", "namespaced": True}
            found.append({**scale, "verbs": ["get", "patch", "update"]})
        if name == "pods" and version == "v1":
            resize = {"name": "pods/resize", "singularName": "", "kind": "Pod"}
            found.append({**resize, "namespaced": True, "verbs": ["get", "patch"]})
    return {"kind": "APIResourceList", "groupVersion": version, "resources": found}


def _discovery(path: str) -> dict | None:
    if path == "/api":
        return {"kind": "APIVersions", "versions": ["v1"]}
    if path == "/apis":
        found = []
        for text in KINDS:
            group, _, _ = text.rpartition("/")
            version = {"groupVersion": text, "version": text.rpartition("/")[2]}
            one = {"name": group, "versions": [version], "preferredVersion": version}
            found += [one] if group else []
        return {"kind": "APIGroupList", "groups": found}
    version = path.removeprefix("/apis/").removeprefix("/api/")
    return _resources(version) if version in KINDS else None


_META = {"name": "web", "namespace": "default", "uid": "1", "resourceVersion": "1"}
_LABELS = {"app": "web", "network.minidock/front": "true"}
_POD = {
    "metadata": {**_META, "labels": _LABELS},
    "spec": {"containers": [{"name": "web", "image": "nginx"}], "nodeName": "NODE"},
    "status": {"phase": "Running"},
}
_DEPLOYMENT = {
    "metadata": {**_META, "labels": _LABELS},
    "spec": {
        "replicas": 1,
        "selector": {"matchLabels": {"app": "web"}},
        "template": {"metadata": {"labels": _LABELS}, "spec": _POD["spec"]},
    },
}
_DEPLOYMENT["spec"]["template"]["spec"] = {
    "containers": [{"name": "nginx", "image": "nginx"}]
}


def _object(path: str, *, listed: bool) -> dict:
    """Something of the kind that a path is about."""
    for version, entries in KINDS.items():
        if not path.startswith((f"/apis/{version}/", f"/api/{version}/")):
            continue
        for entry in entries.split():
            plural, _, kind = entry.partition(":")
            if f"/{plural}" not in path:
                continue
            body: dict = {"Pod": _POD, "Deployment": _DEPLOYMENT}.get(
                kind, {"metadata": _META}
            )
            if path.endswith("/scale"):
                body = {"metadata": _META, "spec": {"replicas": 1}}
                return {"kind": "Scale", "apiVersion": "autoscaling/v1", **body}
            if listed:
                item = {"kind": kind, "apiVersion": version, **body}
                head = {"kind": f"{kind}List", "apiVersion": version}
                return {**head, "metadata": {"resourceVersion": "1"}, "items": [item]}
            return {"kind": kind, "apiVersion": version, **body}
    return {"kind": "Status", "apiVersion": "v1", "status": "Success"}


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    asked: list[tuple[str, str]]


class _Api(BaseHTTPRequestHandler):
    server: _Server

    def log_message(self, *_words: object) -> None:
        """Says nothing."""

    def _answer(self) -> None:
        path = self.path.partition("?")[0]
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.asked.append((self.command, path))
        body = _discovery(path)
        if path in ("/readyz", "/version"):
            body = {"major": "1", "minor": "37", "gitVersion": "v1.37.0"}
        last = path.rpartition("/")[2]
        listed = any(
            last == e.partition(":")[0] for e in " ".join(KINDS.values()).split()
        )
        status = 200
        if body is None and last in ("exec", "attach"):
            status, body = 403, {"kind": "Status", "status": "Failure", "code": 403}
        if body is None:
            listed = listed and self.command in ("GET", "DELETE")
            body = _object(path, listed=listed)
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _answer  # noqa: N815  # as http.server calls them


@pytest.fixture(scope="module")
def server():
    made = _Server(("127.0.0.1", 0), _Api)
    made.asked = []
    thread = threading.Thread(target=made.serve_forever, daemon=True)
    thread.start()
    yield made
    made.shutdown()
    made.server_close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("kubectl")
    for name in ("page.html", "pw.txt", "nginx.conf"):
        (made / name).write_text("x")
    head = {"metadata": {"name": "network-back"}, "spec": {"podSelector": {}}}
    policy = {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", **head}
    (made / "network-back.yaml").write_text(json.dumps(policy))
    size = {
        "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": "1Gi"}},
    }
    claim = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "spec": size}
    text = json.dumps({**claim, "metadata": {"name": "data"}})
    (made / "data-persistentvolumeclaim.yaml").write_text(text)
    return made


# This server keeps nothing and publishes no schema: nobody may wait for it.
_HURRY = {
    "kubectl create -f": "--validate=false",
    "kubectl delete": "--wait=false",
    "kubectl wait": "--timeout=1s",
}


@pytest.mark.parametrize("call", CALLS, ids=str)
def test_the_kubectl_line_makes_the_call(call, server, folder):
    server.asked.clear()
    address = f"http://127.0.0.1:{server.server_address[1]}"
    more = [word for start, word in _HURRY.items() if call.line.startswith(start)]
    flags = [f"--server={address}", f"--cache-dir={folder}", "--request-timeout=9s"]
    words = shlex.split(call.line)[1:]
    at = words.index("--") if "--" in words else len(words)
    words[at:at] = [*more, *flags]
    environment = {"PATH": os.defpath, "HOME": str(folder), "KUBECONFIG": "/dev/null"}
    done = subprocess.run(
        [KUBECTL, *words],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    pattern = re.compile(re.sub(r"\{\w+\}", ".+", call.path.rstrip("/")))
    made = [path for method, path in server.asked if method == call.method]
    assert any(pattern.fullmatch(path.rstrip("/")) for path in made), (
        server.asked,
        done.stderr,
    )
